"""Building, switching and opening the index. Real engine, real embedding."""

import json
import multiprocessing
from pathlib import Path

import pytest

from knowledge.embed import MiniLM, open_embedder
from knowledge.errors import IndexUnavailable
from knowledge.index import build_index, ensure_index, open_index
from knowledge.patterns import read_pattern
from knowledge.schema import Pattern

DATA = Path(__file__).parent / "data" / "patterns"


@pytest.fixture(scope="module")
def patterns() -> list[Pattern]:
    return [read_pattern(DATA / name, root=DATA) for name in ("softmax_before_loss.py", "softmax_dim.py")]


@pytest.fixture
def home(tmp_path: Path, patterns: list[Pattern]) -> Path:
    build_index(patterns, tmp_path, open_embedder())
    return tmp_path


def found(home: Path, query: str = "softmax") -> list[str]:
    with open_index(home, embedder=open_embedder()) as index:
        return sorted(hit.pattern.id for hit in index.search(query, vetted_only=False))


def test_a_changed_status_is_seen_at_once(home: Path, patterns: list[Pattern]) -> None:
    vetted = [pattern.model_copy(update={"status": "vetted"}) for pattern in patterns]
    build_index(vetted, home, open_embedder())
    with open_index(home, embedder=open_embedder()) as index:
        assert index.search("softmax")


def test_only_texts_that_are_new_are_embedded_again(home: Path, patterns: list[Pattern]) -> None:
    class Counting(MiniLM):
        def __init__(self) -> None:
            self.texts: list[str] = []

        def embed(self, texts: list[str]):  # type: ignore[no-untyped-def]
            self.texts += texts
            return open_embedder().embed(texts)

    counting = Counting()
    build_index([patterns[0], patterns[1].model_copy(update={"title": "Quite another title"})], home, counting)
    assert counting.texts == ["Quite another title"]


def damage_nothing_built(home: Path) -> None:
    (home / "index" / "CURRENT").unlink()


def damage_pointer(home: Path) -> None:
    (home / "index" / "CURRENT").write_text("nowhere", encoding="utf-8")


def damage_empty_pointer(home: Path) -> None:
    (home / "index" / "CURRENT").write_text("", encoding="utf-8")


def damage_manifest(home: Path) -> None:
    (current(home) / "manifest.json").write_text("[]", encoding="utf-8")


def damage_truncated(home: Path) -> None:
    largest = max(current(home).rglob("*.mmap"), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 2])


def damage_missing(home: Path) -> None:
    next(current(home).rglob("segment.json")).unlink()


def damage_garbled(home: Path) -> None:
    path = next(current(home).rglob("segment.json"))
    path.write_bytes(b"x" * path.stat().st_size)


def damage_other_embedder(home: Path) -> None:
    path = current(home) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"embedder": "another"}), encoding="utf-8")


def current(home: Path) -> Path:
    return home / "index" / (home / "index" / "CURRENT").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        damage_nothing_built,
        damage_pointer,
        damage_empty_pointer,
        damage_manifest,
        damage_truncated,
        damage_missing,
        damage_garbled,
        damage_other_embedder,
    ],
)
def test_an_index_that_cannot_be_read_says_what_mends_it_and_that_does(home: Path, patterns, damage) -> None:  # type: ignore[no-untyped-def]
    damage(home)
    with pytest.raises(IndexUnavailable, match="gradproof ingest --rebuild"):
        open_index(home, embedder=open_embedder())
    build_index(patterns, home, open_embedder(), rebuild=True)
    assert len(found(home)) == 2


def test_remembered_vectors_that_cannot_be_read_are_made_again(home: Path, patterns: list[Pattern]) -> None:
    (home / "index" / "vectors.npz").write_bytes(b"PK not a zip")
    build_index(patterns, home, open_embedder(), rebuild=True)
    assert len(found(home)) == 2


def test_several_processes_read_and_build_at_once(home: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        assert pool.map(work, [str(home)] * 2, chunksize=1) == [True] * 2


def work(home: str) -> bool:
    patterns = [read_pattern(DATA / name, root=DATA) for name in ("softmax_before_loss.py", "softmax_dim.py")]
    for number in range(6):
        build_index(patterns, Path(home), open_embedder(), rebuild=number % 3 == 0)
        if len(found(Path(home))) != 2:
            return False
    return True


def test_an_index_that_is_out_of_date_is_built_before_it_is_opened(tmp_path: Path) -> None:
    root = tmp_path / "repository" / "patterns"
    root.mkdir(parents=True)
    for name in ("softmax_dim.py", "softmax_dim.wrong.py"):
        (root / name).write_text((DATA / name).read_text(encoding="utf-8"), encoding="utf-8")
    home = tmp_path / "home"
    with ensure_index(home, embedder=open_embedder(), repository=root) as index:
        assert [hit.pattern.title for hit in index.search("softmax dim", vetted_only=False)] == [
            "Softmax over a named axis"
        ]
    text = (root / "softmax_dim.py").read_text(encoding="utf-8")
    (root / "softmax_dim.py").write_text(text.replace("Softmax over", "Softmax along"), encoding="utf-8")
    with ensure_index(home, embedder=open_embedder(), repository=root) as index:
        assert index.get("pt.tensor.softmax-dim").title == "Softmax along a named axis"


def test_patterns_that_nobody_touched_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "repository" / "patterns"
    root.mkdir(parents=True)
    (root / "softmax_dim.py").write_text((DATA / "old_scaler.py").read_text(encoding="utf-8"), encoding="utf-8")
    ensure_index(tmp_path, embedder=open_embedder(), repository=root).close()
    monkeypatch.setattr("knowledge.index.all_patterns", lambda *_args, **_options: 1 / 0)
    ensure_index(tmp_path, embedder=open_embedder(), repository=root).close()
    for touched in (root / "softmax_dim.py", root.parent / "vetting.jsonl"):
        touched.touch()
        with pytest.raises(ZeroDivisionError):
            ensure_index(tmp_path, embedder=open_embedder(), repository=root)
    with pytest.raises(ZeroDivisionError):
        ensure_index(tmp_path, embedder=open_embedder(), repository=root, versions={"pytorch": {"torch": "3.0"}})
