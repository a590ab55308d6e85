"""What an endpoint can do is found out once, with a few small requests, and remembered without its key."""

import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from model_server import ABLE, Behaviour, Body, ModelServer, Page, Request, Says, Silent, Status, asking
from pydantic import SecretStr

from assistant.errors import ModelUnavailable
from assistant.model.chat import is_openai, root
from assistant.model.client import Model
from assistant.model.remembered import recall, remember
from assistant.model.schema import Abilities, Endpoint


@pytest.mark.parametrize(
    "lacking",
    [
        {},
        {"streaming": False},
        {"usage": False},
        {"system_role": False},
        {"structured": "json_object"},
        {"structured": "none"},
        {"tools": False},
        {"context_known": False, "context_tokens": 8192},
        {"streaming": False, "system_role": False, "usage": False, "structured": "none", "tools": False},
    ],
)
def test_what_the_endpoint_lacks_is_found_out(tmp_path: Path, lacking: dict[str, Any]) -> None:
    able = ABLE.model_copy(update=lacking)
    with asking(tmp_path, [], abilities=able) as (server, model, _):
        assert model.abilities == able
    assert len(server.requests) <= 12


def test_an_able_endpoint_is_asked_three_times(tmp_path: Path) -> None:
    with asking(tmp_path, []) as (server, model, _):
        _ = model.abilities
        _ = model.abilities
    assert [request.is_chat for request in server.requests] == [True, True, True, False]


def answer(request: Request, *, plain: str = "ready", asked: str = "ready", tools: Behaviour | str = "no") -> Any:
    """A probe's answer by what it is about."""
    if request.body.get("tools"):
        return tools
    return asked if request.body.get("response_format") else plain


def test_a_format_that_is_ignored_is_no_structured_output(tmp_path: Path) -> None:
    with asking(tmp_path, [], probe=lambda request: answer(request, asked="The sky is blue.")) as (_, model, _):
        assert model.abilities.structured == "none"


def test_json_of_another_shape_is_no_schema(tmp_path: Path) -> None:
    with asking(tmp_path, [], probe=lambda request: answer(request, asked='{"sky": "blue"}')) as (_, model, _):
        assert model.abilities.structured == "json_object"


def test_tools_that_are_ignored_are_no_tools(tmp_path: Path) -> None:
    with asking(tmp_path, [], probe=answer) as (_, model, _):
        assert not model.abilities.tools


def test_a_stream_that_is_answered_whole_is_no_streaming(tmp_path: Path) -> None:
    whole = Body(
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": "ready"}, "finish_reason": "stop"}]}
    )
    with asking(tmp_path, [whole], probe=lambda _: whole) as (_, model, ask):
        assert not model.abilities.streaming
        assert ask().text == "ready"


def test_an_endpoint_that_never_says_how_a_reply_ended_is_believed(tmp_path: Path) -> None:
    silent_end = Says("ready", finish=None)
    with asking(tmp_path, [silent_end], probe=lambda request: answer(request, plain=silent_end)) as (_, model, ask):
        assert not model.abilities.ends
        assert ask().ended == "complete"


def test_a_system_message_that_breaks_the_chat_template_is_folded(tmp_path: Path) -> None:
    def probe(request: Request) -> Behaviour | str:
        system = any(message["role"] == "system" for message in request.messages)
        return Status(500, "Jinja error: unexpected role") if system else answer(request)

    with asking(tmp_path, [], probe=probe) as (_, model, _):
        assert not model.abilities.system_role


@pytest.mark.parametrize(
    ("entry", "pages", "tokens"),
    [
        ({"max_model_len": 16384}, {}, 16384),
        ({"context_length": 131072}, {}, 131072),
        ({"context_window": 65536}, {}, 65536),
        ({"max_context_length": 40960, "loaded_context_length": 10000}, {}, 10000),
        ({"meta": {"n_ctx_train": 32768}}, {}, 32768),
        ({"meta": {"n_ctx_train": 32768}}, {"/props": {"default_generation_settings": {"n_ctx": 4096}}}, 4096),
        ({}, {"/api/v0/models": {"data": [{"id": "scripted", "max_context_length": 20480}]}}, 20480),
        ({}, {"/api/ps": {"models": [{"name": "scripted", "context_length": 12288}]}}, 12288),
        ({}, {"/api/ps": {"models": [{"name": "scripted:latest", "context_length": 12288}]}}, 12288),
        ({}, {"/api/show": {"parameters": "stop x\nnum_ctx    9000", "model_info": {"a.context_length": 99999}}}, 9000),
        ({}, {"/api/show": {"model_info": {"llama.context_length": 131072}}}, 4096),
        ({}, {"/api/show": {"model_info": {"llama.context_length": 2048}}}, 2048),
    ],
    ids=lambda value: None if isinstance(value, int) else str(value)[:40],
)
def test_the_context_is_read_as_each_server_tells_it(
    tmp_path: Path, entry: dict[str, Any], pages: dict[str, Any], tokens: int
) -> None:
    models = {"/v1/models": {"data": [{"id": "other", "max_model_len": 7}, {"id": "scripted", **entry}]}}
    with asking(tmp_path, [], pages=models | pages) as (_, model, _):
        assert (model.abilities.context_tokens, model.abilities.context_known) == (tokens, True)


@pytest.mark.parametrize("page", ["<html>", [], {"data": None}, {"data": ["x"]}, {"data": [{"id": "scripted"}]}])
def test_a_context_that_nothing_tells_is_assumed(tmp_path: Path, page: Any) -> None:
    with asking(tmp_path, [], pages={"/v1/models": page}) as (_, model, _):
        assert (model.abilities.context_tokens, model.abilities.context_known) == (8192, False)


def test_a_context_that_is_set_wins_and_is_not_remembered(tmp_path: Path) -> None:
    with asking(tmp_path, [], endpoint={"context_tokens": 5000}) as (server, model, _):
        assert (model.abilities.context_tokens, model.abilities.context_known) == (5000, True)
        with Model(server.endpoint(), home=tmp_path) as other:
            assert other.abilities == ABLE


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (Status(401, "bad"), "OPENAI_API_KEY"),
        (Status(404, "The model `x` does not exist"), "such as scripted."),
        (Status(503, "loading"), "503"),
        (Status(429, retry_after="3600"), "429"),
        (Page(), "does not speak OpenAI's chat protocol"),
        (Silent(), "did not answer"),
    ],
)
def test_an_endpoint_that_cannot_be_used_says_why_and_is_not_remembered(
    tmp_path: Path, behaviour: Behaviour, told: str
) -> None:
    limit = {"timeout_s": 0.5 if isinstance(behaviour, Silent) else 30}
    with asking(tmp_path, [], probe=lambda _: behaviour, endpoint=limit, attempts=2) as (server, model, ask):
        with pytest.raises(ModelUnavailable) as raised:
            ask()
        assert server.url in str(raised.value)
        assert told in str(raised.value)
        server.probe = None
        assert model.abilities == ABLE


def test_a_busy_moment_is_asked_again_by_the_next_one(tmp_path: Path) -> None:
    busy = [True]

    def probe(request: Request) -> Behaviour | str:
        return answer(request, asked=Status(503), tools=Status(503)) if busy[0] else server.answer_probe(request)

    with asking(tmp_path, [], probe=probe) as (server, model, _):
        assert model.abilities.structured == "none"
        busy[0] = False
        with Model(server.endpoint(), home=tmp_path) as other:
            assert other.abilities.structured == "json_schema"


def test_what_was_found_out_is_remembered_for_the_next_process(tmp_path: Path) -> None:
    with asking(tmp_path, ["a", "b"]) as (server, _, ask):
        ask()
        asked = len(server.requests)
        with Model(server.endpoint(), home=tmp_path) as other:
            assert other.abilities == ABLE
    assert len(server.requests) == asked


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"endpoints": {"x": 3}}', "\x00\xff"])
def test_a_damaged_memory_is_rebuilt(tmp_path: Path, damage: str) -> None:
    (tmp_path / "endpoints.json").write_text(damage, encoding="utf-8")
    with asking(tmp_path, []) as (server, model, _):
        assert model.abilities == ABLE
        assert recall(tmp_path, server.endpoint()) == ABLE


ENDPOINT = Endpoint(model="m", base_url="http://host:1/v1", api_key=SecretStr("sk-secret"))


@pytest.mark.parametrize(("hours", "known"), [(0, True), (23, True), (25, False), (-1, False)])
def test_what_is_remembered_holds_for_a_day(tmp_path: Path, hours: int, known: bool) -> None:
    remember(tmp_path, ENDPOINT, ABLE)
    path = tmp_path / "endpoints.json"
    kept = json.loads(path.read_text())
    for entry in kept["endpoints"].values():
        entry["found"] = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    path.write_text(json.dumps(kept))
    assert (recall(tmp_path, ENDPOINT) == ABLE) is known


@pytest.mark.parametrize("other", [{"model": "n"}, {"base_url": "http://host:2/v1"}])
def test_each_endpoint_and_model_is_remembered_for_itself(tmp_path: Path, other: dict[str, str]) -> None:
    remember(tmp_path, ENDPOINT, ABLE)
    assert recall(tmp_path, ENDPOINT.model_copy(update=other)) is None
    assert recall(tmp_path, ENDPOINT.model_copy(update={"api_key": None})) == ABLE


def _remember(home: Path, number: int) -> None:
    remember(home, Endpoint(model=f"m{number}", base_url="http://host/v1"), Abilities(context_tokens=number))


def test_processes_that_remember_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    started = multiprocessing.get_context("spawn")
    processes = [started.Process(target=_remember, args=(tmp_path, number)) for number in range(1, 4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    known = [recall(tmp_path, Endpoint(model=f"m{n}", base_url="http://host/v1")) for n in range(1, 4)]
    assert [one and one.context_tokens for one in known] == [1, 2, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["endpoints.json"]


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("not a folder")
    with asking(home, ["ok"]) as (_, _, ask):
        assert ask().text == "ok"


@pytest.mark.parametrize(
    ("base_url", "shown", "server"),
    [
        (None, "https://api.openai.com/v1", "https://api.openai.com"),
        ("http://ann:pw@localhost:8000/v1/?key=x", "http://localhost:8000/v1", "http://localhost:8000"),
        ("http://[::1]:11434/v1", "http://[::1]:11434/v1", "http://[::1]:11434"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(base_url: str | None, shown: str, server: str) -> None:
    endpoint = Endpoint(model="m", base_url=base_url)
    assert (endpoint.address, root(endpoint)) == (shown, server)
    assert is_openai(endpoint) is (base_url is None)


def test_two_threads_probe_once(tmp_path: Path) -> None:
    import threading

    with ModelServer([]) as server, Model(server.endpoint(), home=tmp_path) as model:
        threads = [threading.Thread(target=lambda: model.abilities) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len([request for request in server.requests if request.is_probe]) == 3


@pytest.mark.parametrize("said", ["Unrecognized request argument: stream_options", "bad request"])
@pytest.mark.parametrize("field", ["stream_options", "max_tokens", "stream"])
def test_a_refusal_is_understood_or_guessed(tmp_path: Path, field: str, said: str) -> None:
    def script(request: Request) -> Behaviour | str:
        return Status(400, said.replace("stream_options", field)) if request.body.get(field) else answer(request)

    with asking(tmp_path, script, probe=script) as (_, model, ask):
        assert model.abilities.streaming is (field == "stream_options") or field == "max_tokens"
        assert ask().text == "ready"
