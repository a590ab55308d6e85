"""What files a source holds, on this machine or in a commit, told in one way and read one by one."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ingest.errors import Unreadable
from ingest.git import Entry, Repository, checkout_of

SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv"}
LARGEST_BESIDE = 100_000
"""Bytes of what is read beside a document: a licence, or a wrong example."""


class File(NamedTuple):
    """One file, not yet read."""

    name: str
    """What the report calls it."""
    path: str
    """Within its source."""
    within: str
    """Within the repository or folder whose licence holds for it."""
    place: str
    """Stays the same when the file changes."""
    size: int | None
    """Bytes; None where a partial clone did not bring it."""
    read: Callable[[], bytes]
    """Raises Unreadable."""
    cite: Callable[[bytes], str]
    """Where others find these bytes."""
    file: Path | None = None


class Listing(NamedTuple):
    """The files of a source, links aside, and what else lies where they do."""

    name: str
    files: list[File]
    beside: Callable[[str], bytes | None]
    """The bytes at a path that is given as `File.within` is; None where no small plain file is there."""

    def text(self, path: str) -> str | None:
        data = self.beside(path)
        return None if data is None else data.decode("utf-8", "replace")


def in_commit(repository: Repository, *, name: str, address: str) -> Listing:
    """The files of the commit that HEAD names, which need not be checked out."""
    entries = {entry.path: entry for entry in repository.entries()}

    def beside(path: str) -> bytes | None:
        entry = entries.get(path)
        small = entry and entry.size is not None and entry.size <= LARGEST_BESIDE
        return repository.content(entry) if entry and small else None

    def listed(entry: Entry) -> File:
        path = entry.path
        cited = f"{address}@{repository.commit}:{path}"
        return File(
            name=f"{name}:{path}",
            path=path,
            within=path,
            place=f"{address}:{path}",
            size=entry.size,
            read=partial(repository.content, entry),
            cite=lambda _: cited,
        )

    files = [listed(entry) for entry in entries.values() if not _is_passed_over(PurePosixPath(entry.path).parts)]
    return Listing(PurePosixPath(address.rstrip("/")).name.removesuffix(".git"), files, beside)


def on_disk(source: Path) -> Listing:
    """The file itself, or those of a folder; cited by the commit of a checkout where they are as that has them."""
    top = checkout_of(source.resolve())
    root = top or (source if source.is_dir() else source.parent).resolve()
    commit = _Commit(top) if top else None

    def listed(path: Path) -> File:
        place = path.resolve()
        within = place.relative_to(root).as_posix() if place.is_relative_to(root) else path.name
        return File(
            name=str(path),
            path=path.relative_to(source).as_posix() if path != source else path.name,
            within=within,
            place=str(place),
            size=_size(path),
            read=partial(_read, path),
            cite=lambda data: (commit and commit.cite(within, data)) or str(place),
            file=path,
        )

    return Listing(source.stem, [listed(path) for path in _files(source)], lambda path: _read_beside(root / path))


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for path in sorted(Path(folder, name) for folder, _, names in os.walk(source) for name in names):
        if not _is_passed_over(path.relative_to(source).parts) and _is_plain(path):
            yield path


def _is_passed_over(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in SKIPPED for part in parts)


def _is_plain(path: Path) -> bool:
    """Neither a link nor a pipe; of what cannot be looked at, reading it will tell."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it is gone by now, which reading it will tell
        return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def _read_beside(path: Path) -> bytes | None:
    """A link may lead anywhere, and a pipe never ends."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_BESIDE:
            return None
        return path.read_bytes()
    except OSError:
        return None


class _Commit:
    """What the commit of a checkout says of the files on disk: it is cited only where it holds exactly that file."""

    def __init__(self, top: Path) -> None:
        try:
            with Repository(top / ".git") as repository:
                self._blobs = {entry.path: entry.blob for entry in repository.entries()}
                self._address = f"{repository.remote or top}@{repository.commit}"
        except Unreadable:
            self._blobs = {}

    def cite(self, path: str, data: bytes) -> str | None:
        known = self._blobs.get(path, "")
        digest = hashlib.sha1 if len(known) == 40 else hashlib.sha256
        if known == digest(b"blob %d\0" % len(data) + data).hexdigest():
            return f"{self._address}:{path}"
        return None
