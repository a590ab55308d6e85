"""Where containers cannot be had, one sentence says what is missing and the command that mends it."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from sandbox.docker.ended import facts_without_result
from sandbox.docker.engine import BUILD_COMMAND, DEFAULT_IMAGE, Engine, client_environment, find_engine
from sandbox.docker.image import require_image
from sandbox.docker.owner import own_label
from sandbox.errors import SandboxError
from sandbox.local.outcome import CappedText, exec_result
from sandbox.schema import Job

ROOT = Path(__file__).resolve().parents[1]
IMAGE = ROOT / "sandbox" / "docker"


def test_the_client_is_given_what_finds_its_engine_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123")
    monkeypatch.setenv("GRADPROOF_MODEL", "m")
    monkeypatch.setenv("DOCKER_CONTEXT", "rootless")
    given = client_environment()
    assert given["DOCKER_CONTEXT"] == "rootless"
    assert given["PATH"] == os.environ["PATH"]
    assert not {name for name in given if name.startswith(("OPENAI_", "GRADPROOF_"))}


def test_without_a_client_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match=r"Docker is not installed.*apt-get install docker\.io"):
        find_engine()


def test_an_engine_that_does_not_run_is_named_with_what_starts_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    try:
        engine = find_engine()
    except SandboxError as error:
        pytest.skip(str(error))
    with pytest.raises(SandboxError, match=rf"isn't running at 'unix://{tmp_path}.*systemctl start docker"):
        require_image(engine)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
            'Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json": connect: permission denied',
            "usermod --append --groups docker",
        ),
        ("Cannot connect to the Docker daemon at tcp://127.0.0.1:9. Is the docker daemon running?", "systemctl start"),
        (
            'error during connect: Get "http://docker.example.com/v1.50/containers/json": command [ssh …]',
            "isn't running",
        ),
        ("docker: Error response from daemon: No such image: gradproof-sandbox:latest", BUILD_COMMAND),
        (
            "docker: Error response from daemon: Unknown runtime specified runsc\n\nRun 'docker run --help'",
            "runsc install",
        ),
        ("Error response from daemon: unknown or invalid runtime name: runsc", "unset GRADPROOF_DOCKER_RUNTIME"),
        (
            'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]]',
            "nvidia-ctk runtime configure",
        ),
        (
            'docker: Error response from daemon: invalid mount config for type "bind": bind source path does not '
            "exist: /srv/gradproof/sandbox/checks",
            "docker context use default",
        ),
        (
            "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create "
            'failed: unable to start container process: exec: "/opt/pytorch/bin/python": no such file or directory',
            BUILD_COMMAND,
        ),
        ("docker: Error response from daemon: no space left on device.\n\nRun 'docker run --help'", "no space left on"),
        ("", "ended without a word"),
    ],
)
def test_what_the_client_says_is_told_with_what_mends_it(words: str, remedy: str) -> None:
    said = Engine("docker", DEFAULT_IMAGE, "runsc").explain(words)
    assert remedy in said
    assert "\n" not in said


def test_an_image_of_the_users_is_fetched_and_not_built() -> None:
    said = Engine("docker", "mine/image:2").explain("Error response from daemon: No such image: mine/image:2")
    assert "'docker pull mine/image:2'" in said


def test_the_owner_is_this_process() -> None:
    place, number, started = own_label().rsplit("/", 2)
    assert int(number) == os.getpid()
    assert place
    assert started.isdecimal()


def test_the_build_command_names_a_folder_that_has_all_that_it_copies() -> None:
    folder = Path(BUILD_COMMAND.split()[-1])
    copied = re.search(r"^COPY (.+) /opt/$", (folder / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert copied is not None
    assert {path.name for path in folder.glob("*.txt")} == set(copied[1].split())


def test_the_image_holds_the_versions_that_are_locked() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {line.split(" ;")[0] for line in lines if "python_full_version >= '3.12'" not in line}
    pinned = [line for path in IMAGE.glob("*.txt") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(pinned) > 10
    assert set(pinned) <= locked


def test_what_builds_the_image_is_installed_with_the_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["sandbox"]
    shipped = {path for pattern in patterns for path in (ROOT / "sandbox").glob(pattern)}
    assert {path for path in IMAGE.iterdir() if path.suffix in ("", ".txt") and path.is_file()} <= shipped


@pytest.mark.parametrize(
    ("exit_code", "own_kernel", "cancelled", "status", "limits"),
    [
        (137, True, False, "out_of_memory", ["memory"]),
        (137, False, False, "killed", []),
        (2, True, False, "killed", []),
        (137, True, True, "killed", []),
    ],
)
def test_a_container_that_ends_as_a_whole_is_an_outcome_of_the_program(
    exit_code: int, own_kernel: bool, cancelled: bool, status: str, limits: list[str]
) -> None:
    job = Job(runtime="python", argv=["m.py"], files={"m.py": ""})
    facts = facts_without_result(job, wall_s=1.0, exit_code=exit_code, own_kernel=own_kernel, cancelled=cancelled)
    streams = (CappedText(10), CappedText(10))
    result = exec_result(facts, job, streams=streams, evidence=[], artifacts=[], tier="docker", warm=False)
    assert (result.status, [hit.name for hit in result.limits_hit]) == (status, limits)
    assert ("cancelled" in (result.reason or "")) == cancelled
