"""What only a Qdrant server can do wrong: be away, be another, be asked by many, and see its builders die."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from command import gradproof
from index_backends import Backend
from index_corpus import Scattered, lesson
from pydantic import SecretStr
from qdrant_server import QdrantServer, Refused

from knowledge.connection import Server, connect
from knowledge.errors import IndexUnavailable

BUILDER = Path(__file__).with_name("index_corpus.py")
OLD, NEW = [[lesson(number) for number in range(count)] for count in (3, 600)]


@pytest.fixture
def server() -> Iterator[QdrantServer]:
    with QdrantServer(api_key="write", read_key="read") as opened:
        yield opened


@pytest.fixture
def backend(server: QdrantServer, tmp_path: Path) -> Backend:
    return at(server, tmp_path)


def at(server: QdrantServer, home: Path, *, key: str | None = "write", **given: object) -> Backend:
    where = Server(url=server.url, api_key=SecretStr(key) if key else None, **given)
    return Backend(home, where, lambda: connect(where))


def size(backend: Backend) -> int:
    with backend.open(embedder=Scattered()) as index:
        return len(index)


def held_up(server: QdrantServer, moment: str) -> tuple[threading.Event, Callable[[], None]]:
    """The first request like this waits: an event for "it came", and what lets it go on."""
    came, go = threading.Event(), threading.Event()

    def wait(asked: str) -> None:
        if re.match(moment, asked) and not came.is_set():
            came.set()
            go.wait(60)

    server.before = wait
    return came, go.set


MOMENTS = {
    "at the beginning": r"PUT /collections/[^/]+$",
    "before the filters": r"PUT .*/index",
    "half-way": r"PUT .*/points",
    "before it is counted": r"POST .*/points/count",
    "at the switch": r"POST /collections/aliases",
    "after the switch": r"PATCH",
}


QUICK = {"half-way", "at the switch"}
"""The others are like one of these."""


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(moment, id=name, marks=() if name in QUICK else pytest.mark.slow)
        for name, moment in MOMENTS.items()
    ],
)
def test_a_builder_that_is_killed_leaves_a_whole_index_and_the_next_one_cleans_up(
    backend: Backend, server: QdrantServer, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.build(OLD, embedder=Scattered())
    came, go_on = held_up(server, moment)
    builder = subprocess.Popen([sys.executable, BUILDER, backend.home, server.url, "600", "1"])
    try:
        assert came.wait(120)
        assert size(backend) == (600 if moment == "PATCH" else 3)
    finally:
        builder.kill()
        builder.wait()
    go_on()
    assert size(backend) in (3, 600)
    monkeypatch.setattr("knowledge.publish.ABANDONED_S", 0.0)
    backend.build(OLD, rebuild=True, embedder=Scattered())
    assert size(backend) == 3
    assert len(backend.names()) <= 2


def test_what_another_machine_is_building_is_left_alone_and_both_are_served(
    backend: Backend, server: QdrantServer, tmp_path: Path
) -> None:
    came, go_on = held_up(server, r"PUT .*/points")
    builder = subprocess.Popen([sys.executable, BUILDER, tmp_path / "other", server.url, "600", "1"])
    assert came.wait(120)
    for _ in range(3):
        backend.build(OLD, rebuild=True, embedder=Scattered())
    with backend.open(embedder=Scattered()) as reader:
        go_on()
        assert builder.wait(120) == 0
        assert len(reader) == 3
    assert size(backend) == 600


def test_machines_with_different_patterns_take_turns_without_uploading_again(
    backend: Backend, server: QdrantServer, tmp_path: Path
) -> None:
    other = at(server, tmp_path / "other")
    backend.build(OLD, embedder=Scattered())
    other.build(NEW, embedder=Scattered())
    uploads = len(server.requests)
    backend.build(OLD, embedder=Scattered())
    assert size(backend) == 3
    other.build(NEW, embedder=Scattered())
    assert size(other) == 600
    assert not [asked for asked in server.requests[uploads:] if asked.endswith("/points")]


def test_a_server_that_goes_away_during_a_build_has_the_old_index_when_it_is_back(
    backend: Backend, server: QdrantServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.publish.ABANDONED_S", 0.0)
    backend.build(OLD, embedder=Scattered())

    def leave(asked: str) -> None:
        if asked.endswith("/points"):
            server.stop()
            raise Refused(500, "going down")

    server.before = leave
    with pytest.raises(IndexUnavailable, match="no Qdrant server answers at http://127"):
        backend.build(NEW, embedder=Scattered())
    server.before = lambda _asked: None
    server.start()
    assert size(backend) == 3
    backend.build(NEW, embedder=Scattered())
    assert size(backend) == 600
    assert len(backend.names()) == 2


def test_a_batch_that_fails_once_is_sent_again(backend: Backend, server: QdrantServer) -> None:
    failed = []

    def fail_once(asked: str) -> None:
        if asked.endswith("/points") and not failed:
            failed.append(asked)
            raise Refused(503, "busy")

    server.before = fail_once
    backend.build(NEW, embedder=Scattered())
    assert failed
    assert size(backend) == 600


def test_a_collection_that_somebody_removes_while_it_is_filled_is_said(backend: Backend, server: QdrantServer) -> None:
    def remove(asked: str) -> None:
        if asked.endswith("/count"):
            server.collections.clear()

    server.before = remove
    with pytest.raises(IndexUnavailable, match=r"failed \(Not found: Collection .* doesn't exist!\); .* try again"):
        backend.build(OLD, embedder=Scattered())


def test_a_reader_goes_on_with_the_current_index_where_its_own_was_dropped(backend: Backend) -> None:
    backend.build(OLD, embedder=Scattered())
    with backend.open(embedder=Scattered()) as reader:
        for _ in range(3):
            backend.build(OLD[:2], rebuild=True, embedder=Scattered())
        assert len(reader) == 2
        assert reader.search("teach me lesson 1")[0].pattern.id == "pt.topic.number-1"


def test_a_collection_is_made_as_it_was_asked_for(server: QdrantServer, tmp_path: Path) -> None:
    name = at(server, tmp_path, collection="vision", shards=3, replicas=2).build(NEW, embedder=Scattered())
    asked = server.collections[name].request
    assert (asked.shard_number, asked.replication_factor, asked.write_consistency_factor) == (3, 2, 2)
    assert asked.vectors["dense"].quantization_config.scalar.type == "int8"
    assert set(server.collections[name].indexed.values()) == {"keyword"}
    assert server.collections[name].batches == [256, 256, 88]
    assert server.aliases == {"vision": name}


def test_teams_have_an_index_each_on_one_server(server: QdrantServer, tmp_path: Path) -> None:
    mine, theirs = at(server, tmp_path / "a", collection="team"), at(server, tmp_path / "b", collection="team-b")
    theirs.build(OLD, embedder=Scattered())
    for _ in range(3):
        mine.build(NEW, rebuild=True, embedder=Scattered())
    assert (size(mine), size(theirs)) == (600, 3)


def test_a_collection_of_somebody_else_is_not_touched(server: QdrantServer, tmp_path: Path) -> None:
    server.answer("PUT", "/collections/gradproof", b'{"vectors": {"a": {"size": 2, "distance": "Cosine"}}}', "write")
    with pytest.raises(IndexUnavailable, match="did not make; set GRADPROOF_QDRANT_COLLECTION"):
        at(server, tmp_path).build(OLD, embedder=Scattered())
    assert set(server.collections) == {"gradproof"}


@pytest.mark.parametrize(
    ("key", "said"), [(None, "wants a key"), ("wrong", "or another one; set GRADPROOF_QDRANT_API_KEY")]
)
def test_a_wrong_key_is_said(server: QdrantServer, tmp_path: Path, key: str | None, said: str) -> None:
    with pytest.raises(IndexUnavailable, match=said) as raised:
        at(server, tmp_path, key=key).open(embedder=Scattered())
    assert "wrong" not in str(raised.value)


def test_a_key_that_may_only_read_does(backend: Backend, server: QdrantServer, tmp_path: Path) -> None:
    backend.build(OLD, embedder=Scattered())
    reader = at(server, tmp_path / "reader", key="read")
    assert size(reader) == 3
    with pytest.raises(IndexUnavailable, match="lets this key only read; set GRADPROOF_QDRANT_API_KEY"):
        reader.build(NEW, embedder=Scattered())


def test_a_server_that_is_too_old_is_said(tmp_path: Path) -> None:
    with QdrantServer(version="1.15.5") as old, pytest.raises(IndexUnavailable, match=r"1\.15\.5.*upgrade it to 1\.16"):
        at(old, tmp_path).open(embedder=Scattered())


class SomethingElse(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>It works!</html>")

    def log_message(self, *_args: object) -> None:
        """Nothing."""


def test_what_is_no_qdrant_server_is_said(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), SomethingElse) as other:
        threading.Thread(target=other.serve_forever, args=(0.05,), daemon=True).start()
        backend = Backend(tmp_path, Server(url=f"http://127.0.0.1:{other.server_address[1]}"))
        with pytest.raises(IndexUnavailable, match="is not a Qdrant server; correct GRADPROOF_QDRANT_URL"):
            backend.open(embedder=Scattered())
        other.shutdown()


def with_server(home: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    settings = {f"GRADPROOF_{name.upper()}": value for name, value in given.items()}
    return gradproof(*words, GRADPROOF_HOME=str(home), **settings)


def test_the_command_says_in_one_sentence_that_the_server_is_away(tmp_path: Path) -> None:
    done = with_server(tmp_path, "search", "warm up", qdrant_url="http://127.0.0.1:1", qdrant_api_key="very-secret")
    assert done.returncode == 3
    assert re.fullmatch(
        r"gradproof: no Qdrant server answers at http://127\.0\.0\.1:1 \(.*; start one .*\n", done.stderr
    )
    assert "very-secret" not in done.stdout + done.stderr


def test_the_command_searches_on_the_server_and_the_doctor_tells_of_it(
    server: QdrantServer, own_environment: Path
) -> None:
    given = {"qdrant_url": server.url, "qdrant_api_key": "write", "qdrant_collection": "team"}
    done = with_server(own_environment, "search", "warm up and decay the learning rate", **given)
    assert done.returncode == 0, done.stderr
    assert "schedule" in done.stdout
    told = with_server(own_environment, "doctor", "--json", **given).stdout
    assert f"Qdrant 1.17.0 at {server.url}, team: " in told
    assert "all-MiniLM-L6-v2" in told
    assert '"write"' not in told
