"""Asking a model: what a reply is, and what stands in for what an endpoint lacks."""

import math
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from model_server import ABLE, HI, Behaviour, Says, Status, asking
from pydantic import BaseModel, SecretStr

from assistant.model.schema import Budget, Endpoint, Message, Meter
from assistant.model.structured import parse_json

CODE = "import torch\n\nmodel = torch.nn.Linear(4, 3)\nprint(sum(p.numel() for p in model.parameters()))\n"
KEY = "sk-very-secret-0123456789"


def test_text_arrives_in_pieces_and_the_endpoints_figures_are_counted(tmp_path: Path) -> None:
    pieces: list[str] = []
    meter = Meter(Budget())
    with asking(tmp_path, [Says(CODE, chunk=7)]) as (_, _, ask):
        reply = ask(meter=meter, on_text=pieces.append)
    assert "".join(pieces) == reply.text == CODE
    assert len(pieces) > 5
    assert (reply.ended, reply.usage.output_tokens, reply.usage.estimated) == ("complete", len(CODE) // 4 + 1, False)
    assert meter.usage == reply.usage


def test_a_piece_is_told_while_the_rest_is_still_to_come_and_in_the_callers_thread(tmp_path: Path) -> None:
    told: list[tuple[float, int]] = []
    with asking(tmp_path, [Says("abcdef", chunk=1, chunk_s=0.05)]) as (_, _, ask):
        ask(on_text=lambda _: told.append((time.monotonic(), threading.get_ident())))
        ended = time.monotonic()
    assert told[0][0] < ended - 0.15
    assert {thread for _, thread in told} == {threading.get_ident()}


@pytest.mark.parametrize("chunk", [1, 3, 8, 500])
@pytest.mark.parametrize(
    ("said", "text", "reasoning"),
    [
        ("<think>two parts</think>\n\nanswer", "answer", "two parts"),
        ("\n<think>a</think>\nx\n<think>b</think>\ny", "x\n\ny", "ab"),
        ("if a <think> b", "if a <think> b", ""),
        ("a < b\n<thin ice>", "a < b\n<thin ice>", ""),
        ("prompted reasoning\n</think>\n\nanswer", "answer", "prompted reasoning"),
        ("prompted reasoning.</think>\nanswer", "answer", "prompted reasoning."),
    ],
)
def test_reasoning_between_marks_is_no_answer(tmp_path: Path, chunk: int, said: str, text: str, reasoning: str) -> None:
    pieces: list[str] = []
    with asking(tmp_path, [Says(said, chunk=chunk)]) as (_, _, ask):
        reply = ask(on_text=pieces.append)
    assert (reply.text, reply.reasoning) == (text, reasoning)
    assert said.startswith("prompted") or "".join(pieces).strip() == text


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("streaming", [True, False])
def test_reasoning_in_a_field_of_its_own_is_no_answer(tmp_path: Path, name: str, streaming: bool) -> None:
    pieces: list[str] = []
    able = ABLE.model_copy(update={"streaming": streaming})
    says = Says("answer", reasoning="let me think about it", reasoning_field=name, chunk=5)
    with asking(tmp_path, [says], abilities=able) as (_, _, ask):
        reply = ask(on_text=pieces.append)
    assert (reply.text, reply.reasoning, "".join(pieces)) == ("answer", "let me think about it", "answer")


def test_without_streaming_the_text_is_told_at_once(tmp_path: Path) -> None:
    pieces: list[str] = []
    with asking(tmp_path, [CODE], abilities=ABLE.model_copy(update={"streaming": False})) as (server, _, ask):
        assert ask(on_text=pieces.append).ended == "complete"
    assert pieces == [CODE]
    assert not server.conversation[0].body.get("stream")


def test_without_a_system_role_its_text_comes_first(tmp_path: Path) -> None:
    messages = [
        Message(role="system", content="Be brief."),
        Message(role="user", content="one"),
        Message(role="assistant", content="two"),
        Message(role="user", content="three"),
    ]
    with asking(tmp_path, ["ok"], abilities=ABLE.model_copy(update={"system_role": False})) as (server, _, ask):
        ask(messages)
    said = [(message["role"], message["content"]) for message in server.conversation[0].messages]
    assert said == [("user", "Be brief.\n\none"), ("assistant", "two"), ("user", "three")]


class Plan(BaseModel):
    title: str
    steps: list[str] = []


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "none"])
def test_a_schema_is_asked_for_in_the_strictest_way_there_is(tmp_path: Path, structured: Any) -> None:
    able = ABLE.model_copy(update={"structured": structured})
    with asking(tmp_path, ['Sure:\n```json\n{"title": "a", "steps": ["b",],}\n```'], abilities=able) as (
        server,
        _,
        ask,
    ):
        reply = ask(schema=Plan)
    request = server.conversation[0]
    assert (request.body.get("response_format") or {"type": "none"})["type"] == structured
    assert ('"title"' in request.text) == (structured != "json_schema")
    assert parse_json(reply.text, Plan) == Plan(title="a", steps=["b"])


def test_a_schema_that_the_endpoint_cannot_take_is_described_instead(tmp_path: Path) -> None:
    def script(request: Any) -> Behaviour | str:
        refused = request.body.get("response_format")
        return (
            Status(400, "Invalid schema for response_format", param="response_format") if refused else '{"title": "a"}'
        )

    with asking(tmp_path, script) as (server, _, ask):
        assert parse_json(ask(schema=Plan).text, Plan) == Plan(title="a")
    assert len(server.conversation) == 3
    assert '"title"' in server.conversation[-1].text


def test_options_that_the_endpoint_refuses_are_left_out_from_then_on(tmp_path: Path) -> None:
    def script(request: Any) -> Behaviour | str:
        refused = "temperature" in request.body
        return (
            Status(400, "Unsupported value: 'temperature' does not support 0.2", param="temperature")
            if refused
            else "ok"
        )

    with asking(tmp_path, script) as (server, _, ask):
        assert ask(temperature=0.2).text == ask(temperature=0.2, seed=1).text == "ok"
    assert ["temperature" in one.body for one in server.conversation] == [True, False, False]
    assert [one.body.get("seed") for one in server.conversation] == [None, None, 1]


def test_the_newer_name_of_the_limit_is_used_where_the_older_is_refused(tmp_path: Path) -> None:
    def script(request: Any) -> Behaviour | str:
        told = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return Status(400, told, param="max_tokens") if "max_tokens" in request.body else "ok"

    with asking(tmp_path, script) as (server, _, ask):
        ask(max_tokens=50)
    assert server.conversation[-1].body["max_completion_tokens"] == 50


def test_an_answer_may_be_longer_than_any_figure_where_nothing_bounds_it(tmp_path: Path) -> None:
    text = "word " * 20_000
    with asking(tmp_path, [Says(text, chunk=5000)]) as (server, _, ask):
        reply = ask()
    assert (reply.text, reply.ended) == (text, "complete")
    assert "max_tokens" not in server.conversation[0].body
    assert not math.isnan(reply.usage.seconds)


def test_endpoints_of_openai_are_told_the_newer_name() -> None:
    from assistant.model.adapt import build_ask
    from assistant.model.schema import Abilities

    openai = Endpoint(model="gpt-5", api_key=SecretStr(KEY))
    given = {"structured": "none", "schema": None, "temperature": None, "seed": None}
    ask = build_ask(HI, endpoint=openai, abilities=Abilities(), max_tokens=7, **given)
    assert ask.arguments()["extra_body"] == {"max_completion_tokens": 7}
