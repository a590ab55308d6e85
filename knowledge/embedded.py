"""The embedded index: a folder for each, and a pointer to the current one that is moved when the next is whole."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from knowledge.edge import EdgeStore, write_shard
from knowledge.embed import Embedder
from knowledge.errors import REBUILD, IndexUnavailable
from knowledge.files import replacing
from knowledge.points import Record


def current_folder(indexes: Path) -> Path | None:
    """Where the pointer leads, which may be nowhere; None before the first."""
    try:
        return indexes / (indexes / "CURRENT").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def publish_folder(
    records: Sequence[Record], indexes: Path, *, embedder: Embedder, fingerprint: str, vectors: Path, rebuild: bool
) -> str:
    """Make an index of exactly these records the current one, and return its name.

    Nothing is written where the current one has this fingerprint. `vectors` is the file that remembers the vectors of
    texts. What fails leaves the current one as it was. Raises IndexUnavailable where another model made the current
    one, unless it is to be rebuilt. To be called by one builder at a time.
    """
    current = current_folder(indexes)
    if not rebuild and current is not None and current.is_dir():
        if current.name.startswith(fingerprint):
            return current.name
        _refuse_other_model(current, embedder)
    folder = _write(indexes, fingerprint, records, embedder, vectors)
    with replacing(indexes / "CURRENT") as pointer:
        pointer.write_text(folder.name, encoding="utf-8")
    _prune(indexes, keep={folder, current})
    return folder.name


def open_current(indexes: Path, *, embedder: str) -> EdgeStore:
    """The current index. Raises IndexUnavailable when there is nothing to read, or nothing that fits the embedder."""
    folder = current_folder(indexes)
    if folder is None:
        raise IndexUnavailable(f"there is no index in {indexes.parent}; {REBUILD}")
    try:
        return _open(folder, embedder)
    except IndexUnavailable:
        if current_folder(indexes) == folder:
            raise
        return open_current(indexes, embedder=embedder)  # It was replaced, more than once, since its name was read.


def _open(folder: Path, embedder: str) -> EdgeStore:
    try:
        made_with, sizes = _manifest(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnavailable(f"the index in {folder} cannot be read ({error}); {REBUILD}") from None
    if made_with != embedder:
        raise IndexUnavailable(_other_model(made_with, embedder))
    if damaged := sorted(name for name, size in sizes.items() if _size(folder / name) != size):
        raise IndexUnavailable(f"the index in {folder} is damaged ({damaged[0]}); {REBUILD}")
    return EdgeStore(folder / "shard")


def _manifest(folder: Path) -> tuple[str, dict[str, int]]:
    """The model that made the index, and the size of each of its files."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest["embedder"], manifest["sizes"]


def _refuse_other_model(folder: Path, embedder: Embedder) -> None:
    """What cannot be read is no reason: it is built anew."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        made_with, _ = _manifest(folder)
        if made_with != embedder.name:
            raise IndexUnavailable(_other_model(made_with, embedder.name))


def _other_model(made_with: str, embedder: str) -> str:
    return f"the index was made with {made_with!r}, not with {embedder!r}; {REBUILD}"


def _write(indexes: Path, fingerprint: str, records: Sequence[Record], embedder: Embedder, vectors: Path) -> Path:
    """A complete index under a name of its own; nothing is left behind where writing it fails."""
    with tempfile.TemporaryDirectory(dir=indexes, prefix=".building-") as scratch:
        draft = Path(scratch) / "index"
        write_shard(draft / "shard", records, embedder=embedder, vectors=vectors)
        # The engine tidies up when it first reads a shard; the sizes below are those that stay.
        EdgeStore(draft / "shard").close()
        sizes = {path.relative_to(draft).as_posix(): _size(path) for path in draft.rglob("*") if path.is_file()}
        manifest = {"embedder": embedder.name, "sizes": sizes}
        (draft / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        folder = indexes / f"{fingerprint}-{Path(scratch).name.removeprefix('.building-')}"
        return draft.rename(folder)


def _prune(indexes: Path, *, keep: set[Path | None]) -> None:
    """Drop older indexes; the one before stays, for readers that are just opening it."""
    for folder in indexes.iterdir():
        if folder.is_dir() and folder not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
