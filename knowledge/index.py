"""Build, open and keep up to date the index over patterns and notes, from which it can be built again at any time."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from knowledge.connection import Server
from knowledge.embed import Embedder
from knowledge.embedded import current_folder, open_current, publish_folder
from knowledge.errors import IndexUnavailable
from knowledge.files import locked, replacing
from knowledge.notes import read_notes
from knowledge.patterns import REPOSITORY, Versions, all_patterns
from knowledge.points import Record
from knowledge.search import Index
from knowledge.vetting import installed_versions

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
    """The index over the patterns and notes as they are now, opened; see update_index."""
    update_index(home, embedder=embedder, repository=repository, versions=versions, server=server)
    return open_index(home, embedder=embedder, server=server)


def update_index(
    home: Path,
    *,
    embedder: Embedder,
    repository: Path = REPOSITORY,
    versions: Versions | None = None,
    server: Server | None = None,
    rebuild: bool = False,
) -> None:
    """Build the index over the patterns and notes where it is missing or out of date, or where it is to be rebuilt.

    It lies in `home`, or on the server where one is given. Where no file of theirs was touched since the last time,
    none is read. Raises IndexUnavailable where it was made with another model, unless it is to be rebuilt.
    """
    versions = versions or installed_versions()
    state = _state([repository, home / "patterns"], versions, embedder)
    noted = _indexes(home) / ("STATE-SERVER" if server else "STATE")
    if not rebuild and _is_noted(noted, state, current=_current_name(home, embedder, server)):
        return
    records = [*all_patterns(home, repository=repository, versions=versions), *read_notes(home)]
    name = build_index(records, home, embedder, rebuild=rebuild, server=server)
    with _one_builder(home), replacing(noted) as draft:
        draft.write_text(json.dumps({"state": state, "index": name}), encoding="utf-8")


def _state(roots: list[Path], versions: Versions, embedder: Embedder) -> str:
    """Changes when a pattern, a record, what is installed or gradproof's way to write them does."""
    digest = hashlib.sha256(f"{FORMAT} {embedder.name} {sorted(versions.items())}".encode())
    beside = ("vetting.jsonl", "notes.jsonl")
    for root in roots:
        for path in (*sorted(root.rglob("*.py")), *(root.parent / name for name in beside)):
            if path.is_file():
                found = path.stat()
                digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\0".encode())
    return digest.hexdigest()


def _current_name(home: Path, embedder: Embedder, server: Server | None) -> str | None:
    """Where there is one that can be opened."""
    if server:
        from knowledge.publish import current_collection

        return current_collection(server, embedder=embedder.name)
    current = current_folder(_indexes(home))
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
    fingerprint, vectors = _fingerprint(records, embedder), _indexes(home) / "vectors.npz"
    with _one_builder(home):
        if server:
            from knowledge.publish import publish

            return publish(
                records, server, embedder=embedder, fingerprint=fingerprint, vectors=vectors, rebuild=rebuild
            )
        return publish_folder(
            records, _indexes(home), embedder=embedder, fingerprint=fingerprint, vectors=vectors, rebuild=rebuild
        )


def open_index(home: Path, *, embedder: Embedder, server: Server | None = None) -> Index:
    """The current index. Raises IndexUnavailable, with the command that mends it, where there is none to read."""
    if server:
        from knowledge.server import ServerStore

        return Index(ServerStore(server, embedder=embedder.name), embedder=embedder)
    return Index(open_current(_indexes(home), embedder=embedder.name), embedder=embedder)


def _indexes(home: Path) -> Path:
    return home / "index"


@contextmanager
def _one_builder(home: Path) -> Iterator[None]:
    """Held by one process at a time: a second one waits, then finds the index up to date."""
    with ExitStack() as held:
        try:
            held.enter_context(locked(_indexes(home)))
        except OSError as error:
            raise IndexUnavailable(
                f"the index cannot be written to {_indexes(home)} ({error.strerror}); "
                "set GRADPROOF_HOME to a folder that you may write to"
            ) from error
        yield


def _fingerprint(records: Sequence[Record], embedder: Embedder) -> str:
    digest = hashlib.sha256(f"{FORMAT} {embedder.name}".encode())
    for record in sorted(records, key=lambda record: record.id):
        digest.update(record.model_dump_json().encode())
    return digest.hexdigest()[:16]
