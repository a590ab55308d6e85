"""The documents of a source: of a file, a folder, a git repository or an address to clone."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ingest.decode import writable
from ingest.errors import Unreadable
from ingest.git import Repository, checkout_of, cloned, git_folder, is_address, without_secrets
from ingest.licenses import license_of_folder
from ingest.readers import kind_of
from ingest.schema import Rejected
from knowledge.patterns import wrong_file

SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv"}
LARGEST = {"python": 200_000, "notebook": 20_000_000}
LARGEST_OTHER = 2_000_000
"""Bytes; a notebook carries its pictures."""
LARGEST_BESIDE = 100_000
"""Of a licence, or of the wrong example beside a pattern."""
MOST_FILES = 20_000


Name = Annotated[str, BeforeValidator(writable)]
"""File systems have names that no text can hold."""


class Document(BaseModel):
    """One file that a reader is for."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    name: Name
    """What the report calls it."""
    kind: str
    path: Name
    """Within its source."""
    folder: Name
    """Name of its source, for ids."""
    place: Name
    """Stays the same when the document changes."""
    cited: Name
    """Where others find it: address, commit and path of a repository, else its path."""
    license: str | None
    """What its folder, or the nearest one around it, says."""
    data: bytes
    beside: bytes | None = None
    """The wrong example beside a program."""
    file: Path | None = None
    """Where it lies on this machine, if it does."""


class Found(BaseModel):
    """What a source holds."""

    documents: list[Document] = []
    refused: list[Rejected] = []
    skipped: dict[str, int] = {}
    """Ending -> files of a kind that no reader is for."""


def find_documents(source: str) -> Found:
    """Everything in a source that can be read, and what cannot with the reason."""
    try:
        if is_address(source):
            with cloned(source) as folder:
                address = without_secrets(source.removeprefix("git+"))
                return _in_repository(folder, name=address, address=address)
        path = Path(source)
        if not path.exists():
            return Found(refused=[Rejected(source=source, reason="there is no such file or folder")])
        if path.is_dir() and (folder := git_folder(path)):
            return _in_repository(folder, name=source)
        return _on_disk(path)
    except Unreadable as fault:
        return Found(refused=[Rejected(source=without_secrets(source), reason=str(fault))])


def _in_repository(folder: Path, *, name: str, address: str | None = None) -> Found:
    """The files of the commit that HEAD names."""
    repository = Repository(folder)
    address = address or repository.remote or str(folder.resolve())
    listed = [entry for entry in repository.entries() if not _is_passed_over(PurePosixPath(entry.path).parts)]
    entries = [entry for entry in listed if kind_of(entry.path)]
    found = Found(skipped=_endings(entry.path for entry in listed if not kind_of(entry.path)))
    if len(entries) > MOST_FILES:
        raise Unreadable(f"it holds more than {MOST_FILES} documents; clone it and name the folders in it one by one")
    faults = {entry.path: reason for entry in entries if (reason := _too_large(entry.path, entry.size))}
    found.refused += [Rejected(source=f"{name}:{path}", reason=reason) for path, reason in faults.items()]
    entries = [entry for entry in entries if entry.path not in faults]
    by_path = {entry.path: entry for entry in listed}
    entries = [entry for entry in entries if not entry.path.endswith(".wrong.py")]

    @cache
    def read(path: str) -> bytes | None:
        entry = by_path.get(path)
        if entry is None or entry.size is None or entry.size > LARGEST_BESIDE:
            return None
        return next(repository.contents([entry]))

    license_for = _nearest_license(read)
    for entry, data in zip(entries, repository.contents(entries), strict=True):
        found.documents.append(
            Document(
                name=f"{name}:{entry.path}",
                kind=kind_of(entry.path) or "",
                path=entry.path,
                folder=PurePosixPath(address.rstrip("/")).name.removesuffix(".git"),
                place=f"{address}:{entry.path}",
                cited=f"{address}@{repository.commit}:{entry.path}",
                license=license_for(entry.path),
                data=data,
                beside=read(entry.path.removesuffix(".py") + ".wrong.py"),
            )
        )
    return found


def _on_disk(source: Path) -> Found:
    found, skipped = Found(), Counter[str]()
    top = checkout_of(source.resolve())
    commit = _Commit(top) if top else None
    root = top or (source if source.is_dir() else source.parent).resolve()
    license_for = _nearest_license(lambda path: _read(root / path))
    for path in _files(source):
        try:
            kind = _kind(path, named=path == source)
            if kind is None:
                skipped[path.suffix or path.name] += 1
                continue
            if reason := _too_large(path.name, path.stat().st_size):
                raise Unreadable(reason)
            data = path.read_bytes()
        except (Unreadable, OSError) as error:
            found.refused.append(
                Rejected(source=writable(str(path)), reason=getattr(error, "strerror", None) or str(error))
            )
            continue
        within = path.resolve().relative_to(root).as_posix() if path.resolve().is_relative_to(root) else path.name
        found.documents.append(
            Document(
                name=str(path),
                kind=kind,
                path=path.relative_to(source).as_posix() if path != source else path.name,
                folder=source.stem,
                place=str(path.resolve()),
                cited=(commit and commit.cite(within, data)) or str(path.resolve()),
                license=license_for(within),
                data=data,
                beside=_read(wrong_file(path)),
                file=path,
            )
        )
    found.skipped = dict(skipped)
    return found


class _Commit:
    """What the commit of a checkout says of the files on disk: it is cited only where it holds exactly that file."""

    def __init__(self, top: Path) -> None:
        try:
            repository = Repository(top / ".git")
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


def _kind(path: Path, *, named: bool) -> str | None:
    if path.name.endswith(".wrong.py"):
        raise Unreadable("it is a wrong example without its program beside it")
    kind = kind_of(path.name)
    if kind is None and named:
        raise Unreadable(
            f"{path.suffix or 'such'} files cannot be read; give Python, notebooks, Markdown, reStructuredText or HTML"
        )
    return kind


def _too_large(path: str, size: int | None) -> str | None:
    if size is None:
        return "its content is not in this clone, which is a partial one"
    most = LARGEST.get(kind_of(path) or "", LARGEST_OTHER)
    if size <= most:
        return None
    return f"it is larger than {most // 1000} kB; split it into documents that teach one thing each"


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    number = 0
    # Folders that are too deep for a name are passed over.
    for path in sorted(Path(folder, name) for folder, _, names in os.walk(source) for name in names):
        passed_over = _is_passed_over(path.relative_to(source).parts)
        if not passed_over and path.is_file() and not path.is_symlink() and not _is_companion(path):
            number += 1
            if number > MOST_FILES:
                raise Unreadable(f"it holds more than {MOST_FILES} files; name the folders in it one by one")
            yield path


def _is_passed_over(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in SKIPPED for part in parts)


def _is_companion(path: Path) -> bool:
    return path.name.endswith(".wrong.py") and path.with_name(path.name.replace(".wrong.py", ".py")).is_file()


def _endings(paths: Iterator[str]) -> dict[str, int]:
    return dict(Counter(PurePosixPath(path).suffix or PurePosixPath(path).name for path in paths))


def _read(path: Path) -> bytes | None:
    """What lies beside a document; a link may lead anywhere, and a pipe never ends."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_BESIDE:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _nearest_license(read: Callable[[str], bytes | None]) -> Callable[[str], str | None]:
    """For a file's path, what its folder says, or the nearest folder around it."""

    @cache
    def of_folder(folder: PurePosixPath) -> str | None:
        said = license_of_folder(lambda name: (read((folder / name).as_posix()) or b"").decode("utf-8", "replace"))
        return said or (of_folder(folder.parent) if folder != folder.parent else None)

    return lambda path: of_folder(PurePosixPath(path).parent)
