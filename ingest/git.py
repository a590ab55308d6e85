"""Reading git repositories that came from somewhere else: with git itself, which then runs nothing of theirs."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from ingest.errors import Unreadable

READ_S, CLONE_S = 120.0, 900.0
NOTHING_RUNS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.pager=cat",
    "protocol.ext.allow=never",
    "safe.directory=*",
)
"""Settings by which a repository could name a program; of one that another user owns, only objects are read."""
PLAIN_FILES = {"100644", "100755"}
"""Modes: neither links nor submodules."""


class Entry(NamedTuple):
    """A file of a commit."""

    path: str
    blob: str
    size: int | None
    """None where a partial clone did not bring it; nothing is fetched for a reader."""


class Repository:
    """The commit that HEAD names, in a git folder: bare, or the `.git` of a checkout."""

    def __init__(self, folder: Path) -> None:
        """Raises Unreadable where this is no repository, or one without a commit."""
        self._folder = folder
        self.commit = self._git("rev-parse", "--verify", "HEAD^{commit}", why="it has no commit").decode().strip()
        remote = self._git("config", "--local", "--get", "remote.origin.url", missing_ok=True).decode().strip()
        self.remote = without_secrets(remote) or None
        """Where it says that it comes from."""

    def entries(self) -> list[Entry]:
        """The plain files of the commit, by path."""
        listed = self._git("ls-tree", "-r", "-l", "-z", "--full-tree", self.commit)
        lines = [line.split("\t", 1) for line in listed.decode("utf-8", "surrogateescape").split("\0") if line]
        split = [(fields.split(), path) for fields, path in lines]
        return [
            Entry(path, fields[2], int(fields[3]) if fields[3].isdecimal() else None)
            for fields, path in split
            if fields[0] in PLAIN_FILES
        ]

    def contents(self, entries: Sequence[Entry]) -> Iterator[bytes]:
        """What is in these files, in their order; one process reads them all."""
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{entry.blob}\n" for entry in entries).encode())
            asked.seek(0)
            with subprocess.Popen(
                self._command("cat-file", "--batch"),
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            ) as process:
                assert process.stdout is not None
                for entry in entries:
                    head = process.stdout.readline().split()
                    if len(head) != 3:
                        process.kill()
                        raise Unreadable(f"git has no content for {entry.path!r} in {self._folder}; clone it anew")
                    yield process.stdout.read(int(head[2]) + 1)[:-1]

    def _git(self, *words: str, why: str = "it is no git repository", missing_ok: bool = False) -> bytes:
        done = _run(self._command(*words), timeout=READ_S)
        if done.returncode and not missing_ok:
            raise Unreadable(f"{why}: {_last_line(done.stderr)}")
        return done.stdout

    def _command(self, *words: str) -> list[str]:
        settings = [part for setting in NOTHING_RUNS for part in ("-c", setting)]
        return ["git", "--no-pager", "--no-replace-objects", f"--git-dir={self._folder}", *settings, *words]


def git_folder(path: Path) -> Path | None:
    """The git folder of a bare repository or of the `.git` of a checkout that is named itself."""
    is_git = (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
    return path if is_git else None


def checkout_of(path: Path) -> Path | None:
    """The top of the checkout that a path lies in."""
    folders = [path, *path.parents] if path.is_dir() else list(path.parents)
    return next((folder for folder in folders if (folder / ".git").exists()), None)


def is_address(source: str) -> bool:
    """Whether a source has to be cloned first: `git+…`, or an address that ends with `.git`."""
    return source.startswith("git+") or ("://" in source and source.endswith(".git"))


@contextmanager
def cloned(address: str) -> Iterator[Path]:
    """A bare clone of the newest commit, gone again after the block. Raises Unreadable, with git's own reason."""
    url = address.removeprefix("git+")
    with tempfile.TemporaryDirectory(prefix="gradproof-clone-") as scratch:
        folder = Path(scratch) / "repository.git"
        settings = [part for setting in NOTHING_RUNS for part in ("-c", setting)]
        words = ["clone", "--quiet", "--bare", "--depth=1", "--no-tags", "--single-branch", "--template="]
        done = _run(["git", *settings, *words, "--", url, str(folder)], timeout=CLONE_S, network=True)
        if done.returncode:
            raise Unreadable(f"git could not clone {without_secrets(url)!r}: {_last_line(done.stderr)}")
        yield folder


def without_secrets(url: str) -> str:
    """The address without the name and password that people leave in it."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _run(command: list[str], *, timeout: float, network: bool = False) -> subprocess.CompletedProcess[bytes]:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(network=network),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise Unreadable("git is not installed; install it to read repositories") from None
    with process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what it started to fetch
            if isinstance(error, subprocess.TimeoutExpired):
                raise Unreadable(f"git took longer than {timeout:.0f} s") from None
            raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def _environment(*, network: bool = False) -> dict[str, str]:
    """Nobody else's settings and questions; to clone, the user's own for certificates, proxies and keys."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    if network:
        return {key: value for key, value in os.environ.items() if key != "GIT_DIR"} | quiet
    nothing_else = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ALLOW_PROTOCOL": "none"}
    return {"PATH": os.environ.get("PATH", os.defpath)} | quiet | nothing_else


def _last_line(stderr: bytes) -> str:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("fatal: ") if lines else "git gave no reason"
