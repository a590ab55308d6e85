"""The same promises, kept wherever the index lies: in this process, or on a Qdrant server."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from index_backends import BACKENDS, Backend, open_backend
from index_corpus import Scattered, lesson
from test_knowledge_search import EXACT, OUT_OF_SCOPE, QUESTIONS

from knowledge.embed import MAX_WORD_PIECES, open_embedder
from knowledge.errors import IndexUnavailable
from knowledge.patterns import REPOSITORY, read_patterns
from knowledge.schema import Pattern


@pytest.fixture(scope="module", params=BACKENDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def backend(kind: str, tmp_path: Path) -> Iterator[Backend]:
    with open_backend(kind, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def patterns() -> list[Pattern]:
    """Those that come with gradproof."""
    return read_patterns(REPOSITORY)


@pytest.fixture(scope="module")
def filled(
    kind: str, patterns: list[Pattern], vectors: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    """A back end with those patterns."""
    home = tmp_path_factory.mktemp(kind)
    (home / "index").mkdir()
    shutil.copy(vectors, home / "index")
    with open_backend(kind, home) as opened:
        opened.build(patterns)
        yield opened


def test_the_same_hits_come_in_the_same_order(filled: Backend, patterns: list[Pattern], home: Path) -> None:
    asked = [(query, framework) for query, framework, _ in QUESTIONS + EXACT] + [
        (query, None) for query in OUT_OF_SCOPE
    ]
    embedded = Backend(home, None)
    embedded.build(patterns)
    with filled.open() as index, embedded.open() as same_index:
        for query, framework in asked:
            hits, same = (one.search(query, framework=framework, vetted_only=False) for one in (index, same_index))
            assert [hit.pattern.id for hit in hits] == [hit.pattern.id for hit in same], query
            assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in same], abs=1e-4), query


def test_every_pattern_is_there_and_given_by_its_id(filled: Backend, patterns: list[Pattern]) -> None:
    with filled.open() as index:
        assert len(index) == len(patterns)
        assert index.get(patterns[7].id) == patterns[7]
        with pytest.raises(KeyError, match=r"pt\.no\.such"):
            index.get("pt.no.such")


def test_filters_leave_out_what_does_not_fit(filled: Backend) -> None:
    with filled.open() as index:
        found = index.search("anything", framework="pytorch", role="schedule", provides="cosine", vetted_only=False)
        assert [hit.pattern.id for hit in found] == ["pt.schedule.cosine"]
        roles = index.search("anything", framework="tensorflow", role="schedule", k=20, vetted_only=False)
        assert len(roles) > 1
        assert {(hit.pattern.framework, hit.pattern.role) for hit in roles} == {("tensorflow", "schedule")}


def test_stale_patterns_come_last_and_unvetted_ones_only_when_asked_for(backend: Backend) -> None:
    backend.build([lesson(1, status="stale"), lesson(2), lesson(3, status="unvetted")])
    with backend.open() as index:
        asked = "lesson about tensors"
        assert [hit.pattern.id[-1] for hit in index.search(asked)] == ["2", "1"]
        assert [hit.pattern.id[-1] for hit in index.search(asked, vetted_only=False)][-1] == "1"
        assert len(index.search(asked, vetted_only=False)) == 3


def test_any_text_is_kept_as_it_is(backend: Backend) -> None:
    odd = lesson(
        1, title="Ключ 鍵 🔑 \u202e \x00 \\ \" ' </script>", why="naïve\r\nline\ttab", code="x = '\U0001f511'\n" * 99
    )
    backend.build([odd, lesson(2)])
    with backend.open() as index:
        assert index.get(odd.id) == odd
        assert odd.id in [hit.pattern.id for hit in index.search("鍵 🔑 lesson tensors")]


def test_an_empty_index_finds_nothing(backend: Backend) -> None:
    backend.build([])
    with backend.open() as index:
        assert len(index) == 0
        assert index.search("anything", vetted_only=False) == []


def test_a_thousand_patterns_are_all_found(backend: Backend) -> None:
    lessons = [lesson(number) for number in range(1000)]
    backend.build(lessons, embedder=Scattered())
    with backend.open(embedder=Scattered()) as index:
        assert len(index) == 1000
        for number in (0, 255, 256, 999):
            assert index.search(f"teach me lesson {number}")[0].pattern.id == f"pt.topic.number-{number}"


def test_an_index_is_built_once_for_the_same_patterns(backend: Backend) -> None:
    first = backend.build([lesson(1), lesson(2)])
    assert backend.build([lesson(2), lesson(1)]) == first
    assert backend.build([lesson(1), lesson(2)], rebuild=True) != first
    assert backend.build([lesson(1)]) != first


def test_old_indexes_are_dropped_but_the_one_before(backend: Backend) -> None:
    for _ in range(4):
        backend.build([lesson(1)], rebuild=True)
    assert len(backend.names()) == 2


def test_there_is_no_index_before_the_first(backend: Backend) -> None:
    with pytest.raises(IndexUnavailable, match="gradproof ingest --rebuild"):
        backend.open()


def test_an_index_of_another_model_is_refused_until_it_is_rebuilt(backend: Backend) -> None:
    backend.build([lesson(1)])
    with pytest.raises(IndexUnavailable, match=rf"/{MAX_WORD_PIECES}', not with 'scattered/1'; .*ingest --rebuild"):
        backend.open(embedder=Scattered())
    with pytest.raises(IndexUnavailable, match="ingest --rebuild"):
        backend.build([lesson(1)], embedder=Scattered())
    backend.build([lesson(1)], embedder=Scattered(), rebuild=True)
    with backend.open(embedder=Scattered()) as index:
        assert index.search("teach me lesson 1")
    with pytest.raises(IndexUnavailable, match=r"'scattered/1', not with"):
        backend.open()


def test_a_reader_keeps_its_index_while_another_is_built(backend: Backend) -> None:
    backend.build([lesson(1), lesson(2)])
    with backend.open() as reader:
        backend.build([lesson(1)])
        assert len(reader.search("lesson about tensors")) == 2
    with backend.open() as reader:
        assert len(reader.search("lesson about tensors")) == 1


def test_readers_never_see_less_than_a_whole_index_while_others_are_built(backend: Backend) -> None:
    """One that stays, and one that opens anew each time, over more rebuilds than old indexes are kept."""
    lessons = [lesson(number) for number in range(60)]
    backend.build(lessons, embedder=Scattered())
    ended, seen, failures = threading.Event(), [0, 0], []

    def read(which: int) -> None:
        try:
            kept = backend.open(embedder=Scattered())
            while not ended.is_set():
                index = kept if which == 0 else backend.open(embedder=Scattered())
                found = index.search("lesson about tensors torch", k=50, vetted_only=False)
                if len(index) != 60 or not found:
                    failures.append(len(index))
                seen[which] += 1
                if which:
                    index.close()
            kept.close()
        except Exception as error:
            failures.append(error)

    readers = [threading.Thread(target=read, args=(which,)) for which in (0, 1)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        backend.build(lessons, rebuild=True, embedder=Scattered())
    ended.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert min(seen) > 1


def test_a_build_that_fails_leaves_the_index_as_it_was(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.build([lesson(1), lesson(2)])
    before = backend.names()
    embedder = open_embedder()
    monkeypatch.setattr(embedder, "embed", lambda _texts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backend.build([lesson(3)])
    monkeypatch.undo()
    assert backend.names() == before
    with backend.open() as index:
        assert len(index) == 2
