"""The engine's client: where it is, what it is asked, and what to do about what it answers."""

import getpass
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

DEFAULT_IMAGE = "gradproof-sandbox"
BUILD_COMMAND = f"docker build --tag {DEFAULT_IMAGE} {shlex.quote(str(Path(__file__).resolve().parent))}"
"""Makes the image that is used where no other is named."""
_ASK_S = 60.0
_VARIABLES = ("PATH", "HOME", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK")
_GPU_TOOLKIT = "sudo apt-get install nvidia-container-toolkit && sudo nvidia-ctk runtime configure --runtime=docker"


@dataclass(frozen=True)
class Engine:
    """Which client, and what it is to run: every command is made from this."""

    client: str
    image: str = DEFAULT_IMAGE
    runtime: str | None = None
    """"runsc" is gVisor's; None is the engine's own default."""

    def ask(self, *arguments: str, timeout: float = _ASK_S) -> str:
        """What the client prints. Raises SandboxError, with the remedy, where it fails."""
        return self.output(
            [self.client, *arguments], timeout=timeout, unanswered="Docker's client does not answer"
        ).strip()

    def output(self, command: list[str], *, timeout: float, unanswered: str) -> str:
        """What a command of the client prints. Raises SandboxError, with the remedy, where it fails.

        `unanswered` begins the sentence where it cannot be started or does not end in time.
        """
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
                env=client_environment(),
                start_new_session=True,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SandboxError(f"{unanswered}: {error}; see 'docker info'") from error
        if done.returncode != 0:
            raise SandboxError(self.explain(done.stderr))
        return done.stdout

    def explain(self, words: str) -> str:
        """The client's words on standard error, as one sentence that says what mends it."""
        for pattern, sentence in _known(self):
            if re.search(pattern, words, re.IGNORECASE):
                return sentence
        lines = [line.strip() for line in words.splitlines() if line.strip() and not line.startswith("Run 'docker")]
        said = lines[-1].removeprefix("docker: ").rstrip(".") if lines else "it ended without a word"
        return f"Docker could not run a container: {said}; see 'docker info'"


def find_engine(*, image: str = DEFAULT_IMAGE, runtime: str | None = None) -> Engine:
    """The client on the path, not asked for anything yet. Raises SandboxError where there is none."""
    client = shutil.which("docker")
    if client is None:
        raise SandboxError(
            "Docker is not installed, and GRADPROOF_SANDBOX asks for it; install it: 'sudo apt-get install docker.io', "
            "or set GRADPROOF_SANDBOX=local"
        )
    return Engine(client, image, runtime)


def client_environment() -> dict[str, str]:
    """What the client needs to find its engine, and none of gradproof's keys."""
    return {name: value for name, value in os.environ.items() if name in _VARIABLES or name.startswith("DOCKER_")}


def _known(engine: Engine) -> list[tuple[str, str]]:
    image = f"there is no image {engine.image!r}; build it: '{BUILD_COMMAND}'"
    if engine.image != DEFAULT_IMAGE:
        image = (
            f"there is no image {engine.image!r}; fetch it: 'docker pull {shlex.quote(engine.image)}', or unset "
            f"GRADPROOF_DOCKER_IMAGE and build gradproof's own: '{BUILD_COMMAND}'"
        )
    return [
        (
            "permission denied while trying to connect",
            "this user may not use Docker; allow it and log in anew: "
            f"'sudo usermod --append --groups docker {_user()}', or set GRADPROOF_SANDBOX=local",
        ),
        (
            "cannot connect to the docker daemon|error during connect|failed to connect to the docker api",
            f"Docker isn't running{_where()}; start it: 'sudo systemctl start docker', or set GRADPROOF_SANDBOX=local",
        ),
        ("no such image|no such object", image),
        (
            "unknown or invalid runtime|unknown runtime specified",
            f"Docker knows no runtime {engine.runtime!r}; register gVisor's: 'sudo runsc install && sudo systemctl "
            "restart docker', or unset GRADPROOF_DOCKER_RUNTIME",
        ),
        (
            r"unable to start container process: exec|error finding executable",
            f"the image {engine.image!r} has no interpreters where gradproof looks for them; build gradproof's own: "
            f"'{BUILD_COMMAND}', and unset GRADPROOF_DOCKER_IMAGE",
        ),
        (
            "could not select device driver",
            f"Docker cannot hand over a GPU; install what it needs: '{_GPU_TOOLKIT} && sudo systemctl restart docker'",
        ),
        (
            "bind source path does not exist|mounts denied",
            "Docker's engine does not see gradproof's own folder; use an engine on this machine "
            "('docker context use default' and DOCKER_HOST unset), or share the folder with it: "
            f"{str(Path(__file__).resolve().parents[1])!r}",
        ),
    ]


def _user() -> str:
    try:
        return shlex.quote(getpass.getuser())
    except (KeyError, OSError):  # a uid without a name
        return "$USER"


def _where() -> str:
    return f" at {os.environ['DOCKER_HOST']!r}" if os.environ.get("DOCKER_HOST") else ""
