"""Build, open and keep up to date the index over patterns and notes, from which it can be built again at any time."""

import contextlib
import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.connection import Server
from knowledge.edge import EdgeStore, write_shard
from knowledge.embed import Embedder
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.notes import read_notes
from knowledge.patterns import REPOSITORY, Versions, all_patterns
from knowledge.points import Record
from knowledge.search import Index
from knowledge.vetting import installed_versions, replacing

FORMAT = 4
"""Raised when what is written for a pattern changes, so that older indexes are built anew."""


def ensure_index(
    home: Path,
    *,
    embedder: Embedder,
    repository: Path = REPOSITORY,
    versions: Versions | None = None,
    server: Server | None = None,
) -> Index:
    """The index over the patterns and notes as they are now, built first where it is missing or out of date.

    It lies in `home`, or on the server where one is given. Where no file of theirs was touched since the last time,
    none is read. Raises IndexUnavailable where it was made with another model.
    """
    versions = versions or installed_versions()
    state = _state([repository, home / "patterns"], versions, embedder)
    noted = _indexes(home) / ("STATE-SERVER" if server else "STATE")
    if not _is_noted(noted, state, current=_current_name(home, embedder, server)):
        records = [*all_patterns(home, repository=repository, versions=versions), *read_notes(home)]
        name = build_index(records, home, embedder, server=server)
        with _one_builder(home), replacing(noted) as draft:
            draft.write_text(json.dumps({"state": state, "index": name}), encoding="utf-8")
    return open_index(home, embedder=embedder, server=server)


def _state(roots: list[Path], versions: Versions, embedder: Embedder) -> str:
    """Changes when a pattern, a record, what is installed or gradproof's way to write them does."""
    digest = hashlib.sha256(f"{FORMAT} {embedder.name} {sorted(versions.items())}".encode())
    beside = ("vetting.jsonl", "notes.jsonl")
    for path in (
        path for root in roots for path in (*sorted(root.rglob("*.py")), *(root.parent / name for name in beside))
    ):
        if path.is_file():
            found = path.stat()
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\0".encode())
    return digest.hexdigest()


def _current_name(home: Path, embedder: Embedder, server: Server | None) -> str | None:
    """Where there is one that can be opened."""
    if server:
        from knowledge.publish import current_collection

        return current_collection(server, embedder=embedder.name)
    current = _current(home)
    return current.name if current and current.is_dir() else None


def _is_noted(noted: Path, state: str, *, current: str | None) -> bool:
    """Whether the current index is the one that was made of this state."""
    try:
        held = json.loads(noted.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return current is not None and held == {"state": state, "index": current}


def build_index(
    records: Sequence[Record], home: Path, embedder: Embedder, *, rebuild: bool = False, server: Server | None = None
) -> str:
    """Make the index of exactly these records the current one, and return its name.

    Nothing is built where the current one already holds them. Readers keep the index they opened; a reader that
    opens during the build gets the one before. Raises IndexUnavailable where another model made the current one,
    unless it is to be rebuilt.
    """
    fingerprint = _fingerprint(records, embedder)
    with _one_builder(home):
        if server:
            from knowledge.publish import publish

            remembered = _vectors(home)
            return publish(
                records, server, embedder=embedder, fingerprint=fingerprint, vectors=remembered, rebuild=rebuild
            )
        return _build(records, home, embedder, fingerprint, rebuild=rebuild).name


def _build(records: Sequence[Record], home: Path, embedder: Embedder, fingerprint: str, *, rebuild: bool) -> Path:
    current = _current(home)
    if not rebuild and current is not None and current.is_dir():
        if current.name.startswith(fingerprint):
            return current
        _refuse_other_model(current, embedder)
    folder = _write(home, fingerprint, records, embedder)
    with replacing(_indexes(home) / "CURRENT") as pointer:
        pointer.write_text(folder.name, encoding="utf-8")
    _prune(home, keep={folder, current})
    return folder


def open_index(home: Path, *, embedder: Embedder, server: Server | None = None) -> Index:
    """The current index. Raises IndexUnavailable, with the command that mends it, where there is none to read."""
    if server:
        from knowledge.server import ServerStore

        return Index(ServerStore(server, embedder=embedder.name), embedder=embedder)
    folder = _current(home)
    if folder is None:
        raise IndexUnavailable(f"there is no index in {home}; {REBUILD}")
    try:
        return _open(folder, embedder)
    except IndexUnavailable:
        if _current(home) == folder:
            raise
        return open_index(home, embedder=embedder)  # It was replaced, more than once, since its name was read.


def _open(folder: Path, embedder: Embedder) -> Index:
    try:
        made_with, sizes = _manifest(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnavailable(f"the index in {folder} cannot be read ({error}); {REBUILD}") from None
    if made_with != embedder.name:
        raise IndexUnavailable(_other_model(made_with, embedder))
    if damaged := sorted(name for name, size in sizes.items() if _size(folder / name) != size):
        raise IndexUnavailable(f"the index in {folder} is damaged ({damaged[0]}); {REBUILD}")
    return Index(EdgeStore(folder / "shard"), embedder=embedder)


def _manifest(folder: Path) -> tuple[str, dict[str, int]]:
    """The model that made the index, and the size of each of its files."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest["embedder"], manifest["sizes"]


def _refuse_other_model(folder: Path, embedder: Embedder) -> None:
    """What cannot be read is no reason: it is built anew."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        made_with, _ = _manifest(folder)
        if made_with != embedder.name:
            raise IndexUnavailable(_other_model(made_with, embedder))


def _other_model(made_with: str, embedder: Embedder) -> str:
    return f"the index was made with {made_with!r}, not with {embedder.name!r}; {REBUILD}"


def _indexes(home: Path) -> Path:
    return home / "index"


def _vectors(home: Path) -> Path:
    """Remembers the vectors of texts, from one index to the next."""
    return _indexes(home) / "vectors.npz"


def _current(home: Path) -> Path | None:
    try:
        return _indexes(home) / (_indexes(home) / "CURRENT").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextlib.contextmanager
def _one_builder(home: Path) -> Iterator[None]:
    """Held by one process at a time: a second one waits, then finds the index up to date."""
    try:
        _indexes(home).mkdir(parents=True, exist_ok=True)
        file = (_indexes(home) / "LOCK").open("w")
    except OSError as error:
        raise IndexUnavailable(
            f"the index cannot be written to {_indexes(home)} ({error.strerror}); "
            "set GRADPROOF_HOME to a folder that you may write to"
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(home: Path, fingerprint: str, records: Sequence[Record], embedder: Embedder) -> Path:
    """A complete index under a name of its own; nothing is left behind where writing it fails."""
    with tempfile.TemporaryDirectory(dir=_indexes(home), prefix=".building-") as scratch:
        draft = Path(scratch) / "index"
        write_shard(draft / "shard", records, embedder=embedder, vectors=_vectors(home))
        # The engine tidies up when it first reads a shard; the sizes below are those that stay.
        EdgeStore(draft / "shard").close()
        sizes = {path.relative_to(draft).as_posix(): _size(path) for path in draft.rglob("*") if path.is_file()}
        manifest = {"embedder": embedder.name, "records": len(records), "sizes": sizes}
        (draft / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        folder = _indexes(home) / f"{fingerprint}-{Path(scratch).name.removeprefix('.building-')}"
        return draft.rename(folder)


def _prune(home: Path, *, keep: set[Path | None]) -> None:
    """Drop older indexes; the one before stays, for readers that are just opening it."""
    for folder in _indexes(home).iterdir():
        if folder.is_dir() and folder not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _fingerprint(records: Sequence[Record], embedder: Embedder) -> str:
    digest = hashlib.sha256(f"{FORMAT} {embedder.name}".encode())
    for record in sorted(records, key=lambda record: record.id):
        digest.update(record.model_dump_json().encode())
    return digest.hexdigest()[:16]


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
