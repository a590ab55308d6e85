"""What may go wrong with a request: tried again where that helps, and said in one sentence that says what to do."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from model_server import ABLE, HI, Answers, Behaviour, Body, Malformed, ModelServer, Page, Says, Silent, Status, asking
from pydantic import SecretStr

from assistant.errors import ModelUnavailable, UnusableAnswer
from assistant.model.asking import BEGINS_ANEW
from assistant.model.client import Model
from assistant.model.schema import Budget, Meter

CODE = "import torch\n\nmodel = torch.nn.Linear(4, 3)\nprint(sum(p.numel() for p in model.parameters()))\n"
KEY = "sk-very-secret-0123456789"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([Status(401, "bad key")], ["OPENAI_API_KEY"]),
        ([Status(403, "not yours")], ["OPENAI_API_KEY", "not yours"]),
        ([Status(400, "x/y is not a valid model ID")], ["GRADPROOF_MODEL", "such as scripted"]),
        ([Status(400, "Model 'x' not found")], ["GRADPROOF_MODEL", "such as scripted"]),
        ([Status(404, "The model `scripted` does not exist")], ["GRADPROOF_MODEL", "scripted"]),
        ([Status(404, "page not found")], ["OPENAI_BASE_URL", "/v1"]),
        ([Status(400, "This model's maximum context length is 4096 tokens")], ["too long", "GRADPROOF_MODEL_CONTEXT"]),
        ([Status(418, "short and stout")], ["418", "short and stout"]),
        ([Status(307, location="http://elsewhere.invalid/v1")], ["elsewhere.invalid", "OPENAI_BASE_URL"]),
    ],
)
def test_what_no_other_try_mends_is_said_at_once(tmp_path: Path, script: Answers, told: list[str]) -> None:
    with asking(tmp_path, script) as (server, _, ask), pytest.raises(ModelUnavailable) as raised:
        ask()
    assert len(server.conversation) == 1
    assert all(part in str(raised.value) for part in [server.url, *told]), raised.value


@pytest.mark.parametrize(
    "body", [{}, [], {"choices": None}, {"choices": []}, {"choices": [{"message": None}]}, "hello"]
)
def test_json_that_is_no_completion_is_not_the_protocol(tmp_path: Path, body: Any) -> None:
    plain = ABLE.model_copy(update={"streaming": False})
    with asking(tmp_path, [Body(body)] * 4, abilities=plain) as (_, _, ask), pytest.raises(ModelUnavailable) as raised:
        ask()
    assert "OPENAI_BASE_URL" in str(raised.value) or "empty answer" in str(raised.value)


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (Status(429, "slow down"), ["429", "slow down", "later"]),
        (Status(500, "oops"), ["500", "oops", "later"]),
        (Status(503), ["503", "later"]),
        (Silent(), ["did not answer", "busy"]),
        (Says("", cut_after=1), ["broke before the reply's end"]),
        (Says("", cut_after=0), ["cannot be reached", "server runs"]),
        (Body({"error": {"message": f"overloaded {KEY}"}}), ["answered with an error", "overloaded …", "later"]),
        (Page(), ["does not speak OpenAI's chat protocol", "/v1"]),
        (Malformed(), ["does not speak OpenAI's chat protocol", "/v1"]),
        (Says(""), ["empty answer"]),
        (Says(tool_call=True, finish="tool_calls"), ["called a tool"]),
    ],
)
def test_what_may_pass_is_tried_again_and_then_said(tmp_path: Path, behaviour: Behaviour, told: list[str]) -> None:
    script = [behaviour, "recovered", behaviour, behaviour]
    endpoint = {"timeout_s": 2.0, "api_key": SecretStr(KEY)}
    with asking(tmp_path, script, silence_s=0.1, attempts=2, endpoint=endpoint) as (server, _, ask):
        reply = ask()
        assert (reply.text, reply.usage.calls) == ("recovered", 2)
        with pytest.raises(ModelUnavailable) as raised:
            ask()
    assert len(server.conversation) == 4
    assert all(part in str(raised.value) for part in [server.url, *told]), raised.value


def test_an_error_under_a_status_of_200_is_told_where_nothing_is_streamed(tmp_path: Path) -> None:
    plain = ABLE.model_copy(update={"streaming": False})
    with asking(tmp_path, [Body({"error": "overloaded"}), "recovered"], abilities=plain) as (_, _, ask):
        assert ask().text == "recovered"


def test_a_context_that_is_too_small_is_told_under_a_status_of_200_too(tmp_path: Path) -> None:
    refused = Body({"error": {"message": "maximum context length is 4096 tokens"}})
    with asking(tmp_path, [refused]) as (_, _, ask), pytest.raises(ModelUnavailable, match="GRADPROOF_MODEL_CONTEXT"):
        ask()


def test_the_pauses_between_tries_are_time_spent_waiting(tmp_path: Path) -> None:
    with asking(tmp_path, [Status(503, retry_after="0.4"), "recovered"]) as (_, _, ask):
        assert 0.4 < ask().usage.seconds < 2


def test_a_connection_that_is_refused_asks_whether_the_server_runs(tmp_path: Path) -> None:
    with ModelServer() as server:
        endpoint = server.endpoint()
    with Model(endpoint, home=tmp_path, backoff_s=0.01) as model, pytest.raises(ModelUnavailable) as raised:
        model.reply(HI, meter=Meter(Budget()))
    assert "is the server running" in str(raised.value)
    assert endpoint.base_url in str(raised.value)


@pytest.mark.parametrize("seconds", ["1", "date"])
def test_retry_after_is_honoured(tmp_path: Path, seconds: str) -> None:
    def script(_: Any) -> Behaviour | str:
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        first = len(server.conversation) == 1
        return Status(429, retry_after=later if seconds == "date" else seconds) if first else "thanks"

    with asking(tmp_path, script) as (server, _, ask):
        assert ask().text == "thanks"
        first, second = server.conversation
    assert 0.9 < second.at - first.at < 2.5


def test_a_retry_after_beyond_the_time_limit_gives_up_at_once(tmp_path: Path) -> None:
    with asking(tmp_path, [Status(429, retry_after="3600")], endpoint={"timeout_s": 30}) as (server, model, ask):
        _ = model.abilities
        began = time.monotonic()
        with pytest.raises(ModelUnavailable, match=r"asks to wait 3,600 s, and (29|30) s are left"):
            ask()
    assert time.monotonic() - began < 1
    assert len(server.conversation) == 1


def test_a_stream_that_breaks_is_asked_for_again(tmp_path: Path) -> None:
    with asking(tmp_path, [Says(CODE, cut_after=3), Says(CODE)]) as (_, _, ask):
        reply = ask()
    assert (reply.text, reply.ended, reply.usage.calls) == (CODE, "complete", 2)


def test_who_hears_a_reply_that_breaks_is_told_that_it_begins_anew(tmp_path: Path) -> None:
    told: list[str] = []
    script = [Says(CODE, cut_after=3), Status(503), Says(CODE)]
    with asking(tmp_path, script) as (_, _, ask):
        assert ask(on_text=told.append).text == CODE
    first, sign, second = "".join(told).partition(BEGINS_ANEW)
    assert (CODE.startswith(first), bool(sign), second) == (True, True, CODE)


def test_what_arrived_of_a_reply_that_always_breaks_is_kept(tmp_path: Path) -> None:
    script = [Says(CODE, cut_after=3), Says(CODE, cut_after=5), Says(CODE, cut_after=2)]
    with asking(tmp_path, script, attempts=3) as (_, _, ask):
        reply = ask()
    assert (reply.text, reply.ended) == (CODE[:48], "cut")
    assert reply.usage.calls == 3
    assert reply.usage.estimated


def test_a_stream_that_ends_without_its_reason_was_cut(tmp_path: Path) -> None:
    with asking(tmp_path, [Says(CODE[:50], finish=None), Says(CODE)]) as (_, _, ask):
        assert ask().text == CODE


@pytest.mark.parametrize("behaviour", [Says(""), Says("  \n"), Says(tool_call=True, finish="tool_calls")])
def test_an_answer_without_text_is_asked_for_once_more(tmp_path: Path, behaviour: Behaviour) -> None:
    with asking(tmp_path, [behaviour] * 3, attempts=4) as (server, _, ask), pytest.raises(UnusableAnswer):
        ask()
    assert len(server.conversation) == 2


def test_a_reply_that_is_all_reasoning_says_that_it_needs_more_tokens(tmp_path: Path) -> None:
    script = [Says("<think>let me see", finish="length")]
    with asking(tmp_path, script) as (server, _, ask), pytest.raises(ModelUnavailable, match="allow it more"):
        ask(max_tokens=20)
    assert len(server.conversation) == 1


def test_text_beside_an_unasked_tool_call_is_the_answer(tmp_path: Path) -> None:
    with asking(tmp_path, [Says("done", tool_call=True)]) as (_, _, ask):
        assert ask().text == "done"
