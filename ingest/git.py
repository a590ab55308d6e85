"""Reading git repositories that came from somewhere else: with git itself, which then runs nothing of theirs."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, NamedTuple, Self
from urllib.parse import urlsplit, urlunsplit

from ingest.errors import Unreadable
from ingest.git_process import SETTINGS, run, running

READ_S, CLONE_S = 120.0, 900.0
PLAIN_FILES = {"100644", "100755"}
"""Modes: neither links nor submodules."""


class Entry(NamedTuple):
    """A file of a commit."""

    path: str
    blob: str
    size: int | None
    """None where a partial clone did not bring it; nothing is fetched for a reader."""


class Repository:
    """The commit that HEAD names, in a git folder: bare, or the `.git` of a checkout. Use it `with`, to be closed."""

    def __init__(self, folder: Path) -> None:
        """Raises Unreadable where this is no repository, or one without a commit."""
        self._folder = folder
        self._opened = ExitStack()
        self.commit = self._git("rev-parse", "--verify", "HEAD^{commit}", why="it has no commit").decode().strip()
        remote = self._git("config", "--local", "--get", "remote.origin.url", missing_ok=True).decode().strip()
        self.remote = without_secrets(remote) or None
        """Where it says that it comes from."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

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

    def content(self, entry: Entry) -> bytes:
        """What is in this file. Raises Unreadable where git has nothing for it, or not in time."""
        asked, told = self._batch
        with suppress(BrokenPipeError):
            asked.write(f"{entry.blob}\n".encode())
            asked.flush()
        size = -1 if entry.size is None else entry.size
        answer = told.readline()
        if answer and not answer.endswith(b" %d\n" % size):
            raise Unreadable(f"git has no content for {entry.path!r} in {self._folder}; clone it anew")
        content = told.read(size + 1)
        if len(content) <= size:
            raise Unreadable(f"git ended, or took longer than {READ_S:.0f} s; name the folders in it one by one")
        return content[:-1]

    @cached_property
    def _batch(self) -> tuple[IO[bytes], IO[bytes]]:
        """One git for all contents: where to ask it, and where it answers."""
        command = self._command("cat-file", "--batch")
        process = self._opened.enter_context(running(command, timeout=READ_S, stdin=subprocess.PIPE))
        assert process.stdin is not None and process.stdout is not None
        return process.stdin, process.stdout

    def _git(self, *words: str, why: str = "it is no git repository", missing_ok: bool = False) -> bytes:
        done = run(self._command(*words), timeout=READ_S)
        if done.returncode and not missing_ok:
            raise Unreadable(f"{why}: {_last_line(done.stderr)}")
        return done.stdout

    def _command(self, *words: str) -> list[str]:
        return ["git", "--no-pager", "--no-replace-objects", f"--git-dir={self._folder}", *SETTINGS, *words]


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
        words = ["clone", "--quiet", "--bare", "--depth=1", "--no-tags", "--single-branch", "--template="]
        done = run(["git", *SETTINGS, *words, "--", url, str(folder)], timeout=CLONE_S, network=True)
        if done.returncode:
            raise Unreadable(f"git could not clone {without_secrets(url)!r}: {_last_line(done.stderr)}")
        yield folder


def without_secrets(url: str) -> str:
    """The address without the name and password that people leave in it."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _last_line(stderr: bytes) -> str:
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("fatal: ") if lines else "git gave no reason"
