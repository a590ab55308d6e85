"""Asking a model: the real client against a real server that misbehaves."""

import _thread
import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from model_server import ABLE, Behaviour, Body, Malformed, ModelServer, Page, Says, Script, Silent, Status
from pydantic import BaseModel, SecretStr

from assistant.errors import BudgetSpent, ModelUnavailable, Stopped
from assistant.model.client import Model
from assistant.model.schema import Budget, Endpoint, Message, Meter, Reply, Usage
from assistant.model.structured import parse_json

CODE = "import torch\n\nmodel = torch.nn.Linear(4, 3)\nprint(sum(p.numel() for p in model.parameters()))\n"
HI = [Message(role="user", content="hi")]
KEY = "sk-very-secret-0123456789"

NOTHING: dict[str, Any] = {}

Asked = tuple[ModelServer, Model, Callable[..., Reply]]


@contextmanager
def asking(home: Path, script: Script, *, endpoint: dict[str, Any] = NOTHING, **options: Any) -> Iterator[Asked]:
    """A server, a model and how to ask it. The options of Model have short pauses; the others are the server's."""
    patience = {name: options.pop(name) for name in ("silence_s", "attempts", "backoff_s") if name in options}
    patience = {"backoff_s": 0.01} | patience
    with ModelServer(script, **options) as server, Model(server.endpoint(**endpoint), home=home, **patience) as model:

        def ask(messages: list[Message] = HI, *, meter: Meter | None = None, **kwargs: Any) -> Reply:
            return model.reply(messages, meter=meter or Meter(Budget()), **kwargs)

        yield server, model, ask


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


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([Status(401, "bad key")], ["OPENAI_API_KEY"]),
        ([Status(403, "not yours")], ["OPENAI_API_KEY"]),
        ([Status(404, "The model `scripted` does not exist")], ["GRADPROOF_MODEL", "scripted"]),
        ([Status(404, "page not found")], ["OPENAI_BASE_URL", "/v1"]),
        ([Status(400, "This model's maximum context length is 4096 tokens")], ["too long", "GRADPROOF_MODEL_CONTEXT"]),
        ([Status(418, "short and stout")], ["418", "short and stout"]),
        ([Status(307, location="http://elsewhere.invalid/v1")], ["elsewhere.invalid", "OPENAI_BASE_URL"]),
        ([Page()], ["does not speak OpenAI's chat protocol", "/v1"]),
        ([Malformed()], ["does not speak OpenAI's chat protocol", "/v1"]),
    ],
)
def test_what_no_other_try_mends_is_said_at_once(tmp_path: Path, script: Script, told: list[str]) -> None:
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
        (Says(""), ["empty answer"]),
        (Says(tool_call=True, finish="tool_calls"), ["called a tool"]),
    ],
)
def test_what_may_pass_is_tried_again_and_then_said(tmp_path: Path, behaviour: Behaviour, told: list[str]) -> None:
    script = [behaviour, "recovered", behaviour, behaviour]
    with asking(tmp_path, script, silence_s=0.1, attempts=2, endpoint={"timeout_s": 2.0}) as (server, _, ask):
        reply = ask()
        assert (reply.text, reply.usage.calls) == ("recovered", 2)
        with pytest.raises(ModelUnavailable) as raised:
            ask()
    assert len(server.conversation) == 4
    assert all(part in str(raised.value) for part in [server.url, *told]), raised.value


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


@pytest.mark.parametrize("behaviour", [Silent(), Silent(after_headers=True), Says(CODE, chunk=1, chunk_s=0.1)])
def test_stop_hangs_up_within_a_second(tmp_path: Path, behaviour: Behaviour) -> None:
    cancel, meter = threading.Event(), Meter(Budget())
    with asking(tmp_path, [behaviour]) as (server, model, ask):
        _ = model.abilities
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(Stopped):
            ask(cancel=cancel, meter=meter)
        assert server.conversation[0].hung_up.wait(1.0)
    assert meter.usage.calls == 1
    assert meter.usage.estimated


def test_stop_works_while_the_endpoint_is_probed(tmp_path: Path) -> None:
    cancel = threading.Event()
    with asking(tmp_path, [], probe=lambda _: Silent()) as (server, _, ask):
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(Stopped):
            ask(cancel=cancel)
        assert server.requests[0].hung_up.wait(1.0)


def test_stop_works_during_the_pause_before_another_try(tmp_path: Path) -> None:
    cancel = threading.Event()
    with asking(tmp_path, [Status(503, retry_after="60")]) as (_, model, ask):
        _ = model.abilities
        began = time.monotonic()
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(Stopped):
            ask(cancel=cancel)
    assert time.monotonic() - began < 1.3


def test_control_c_hangs_up(tmp_path: Path) -> None:
    with asking(tmp_path, [Silent()]) as (server, model, ask):
        _ = model.abilities
        threading.Timer(0.3, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            ask()
        assert server.conversation[0].hung_up.wait(1.0)


def test_an_error_of_who_listens_hangs_up(tmp_path: Path) -> None:
    def listen(_: str) -> None:
        raise RuntimeError("the page is gone")

    with asking(tmp_path, [Says(CODE, chunk=1, chunk_s=0.05)]) as (server, _, ask):
        with pytest.raises(RuntimeError, match="the page is gone"):
            ask(on_text=listen)
        assert server.conversation[0].hung_up.wait(1.0)


def test_closing_the_model_stops_what_other_threads_ask(tmp_path: Path) -> None:
    raised: list[BaseException] = []
    with asking(tmp_path, [Silent()]) as (server, model, ask):

        def wait() -> None:
            try:
                ask()
            except Stopped as error:
                raised.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        while not server.conversation:
            time.sleep(0.01)
        model.close()
        thread.join(2.0)
    assert len(raised) == 1


def test_a_caller_inside_an_event_loop_is_served(tmp_path: Path) -> None:
    async def notebook() -> Reply:
        return ask()

    with asking(tmp_path, ["hello"]) as (_, _, ask):
        assert asyncio.run(notebook()).text == "hello"


def test_several_threads_ask_at_the_same_time(tmp_path: Path) -> None:
    meter, texts = Meter(Budget()), []
    with asking(tmp_path, lambda request: Says(request.text * 3, chunk=2, chunk_s=0.01)) as (server, _, ask):
        messages = [[Message(role="user", content=f"question {n}")] for n in range(5)]
        threads = [threading.Thread(target=lambda m=m: texts.append(ask(m, meter=meter).text)) for m in messages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(texts) == [f"question {n}" * 3 for n in range(5)]
    assert meter.usage.calls == 5
    assert len([one for one in server.requests if one.is_probe]) == 3


def test_the_time_limit_ends_a_silent_request(tmp_path: Path) -> None:
    with asking(tmp_path, [Silent()] * 9, endpoint={"timeout_s": 0.5}) as (server, model, ask):
        _ = model.abilities
        began = time.monotonic()
        with pytest.raises(ModelUnavailable, match=r"within 0\.5 s; GRADPROOF_MODEL_TIMEOUT"):
            ask()
        assert time.monotonic() - began < 1.5
        assert server.conversation[0].hung_up.wait(1.0)


def test_the_time_limit_keeps_what_a_slow_reply_had_said(tmp_path: Path) -> None:
    with asking(tmp_path, [Says(CODE, chunk=4, chunk_s=0.1)], endpoint={"timeout_s": 0.6}) as (_, _, ask):
        reply = ask()
    assert reply.ended == "cut"
    assert reply.text
    assert CODE.startswith(reply.text)


def test_silence_in_the_middle_is_not_waited_out(tmp_path: Path) -> None:
    with asking(tmp_path, [Says("abcdef", chunk=3, chunk_s=20), "again"], silence_s=0.2) as (server, _, ask):
        assert ask().text == "again"
        assert server.conversation[0].hung_up.wait(1.0)


def test_the_time_that_a_budget_leaves_is_kept_to(tmp_path: Path) -> None:
    with asking(tmp_path, [Silent()] * 9) as (_, model, ask):
        _ = model.abilities
        with pytest.raises(BudgetSpent, match=r"0\.4 s"):
            ask(meter=Meter(Budget(seconds=0.4)))


@pytest.mark.parametrize("streaming", [True, False])
def test_an_endless_answer_is_ended_by_a_bound_of_our_own(tmp_path: Path, streaming: bool) -> None:
    able = ABLE.model_copy(update={"streaming": streaming})
    text = "x = 1\n" * (20 if streaming else 2000)
    with asking(tmp_path, [Says(text, chunk=60, endless=streaming)], abilities=able) as (server, _, ask):
        reply = ask(max_tokens=256)
        assert not streaming or server.conversation[0].hung_up.wait(1.0)
    assert reply.ended == "length"
    assert len(reply.text) == 256 * 16


def test_endless_reasoning_is_ended_too(tmp_path: Path) -> None:
    with asking(tmp_path, [Says("hm " * 40, endless=True, chunk=120)] * 2) as (_, _, ask):
        reply = ask([Message(role="user", content="think")], max_tokens=300)
    assert reply.ended == "length"


def test_a_limit_that_the_endpoint_keeps_to_is_said(tmp_path: Path) -> None:
    with asking(tmp_path, [Says(CODE[:40], finish="length")]) as (server, _, ask):
        assert ask(max_tokens=10).ended == "length"
    assert server.conversation[0].body["max_tokens"] == 10


@pytest.mark.parametrize("behaviour", [Says(""), Says("  \n"), Says(tool_call=True, finish="tool_calls")])
def test_an_answer_without_text_is_asked_for_once_more(tmp_path: Path, behaviour: Behaviour) -> None:
    with asking(tmp_path, [behaviour] * 3, attempts=4) as (server, _, ask), pytest.raises(ModelUnavailable):
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


@pytest.mark.parametrize("chunk", [1, 3, 8, 500])
@pytest.mark.parametrize(
    ("said", "text", "reasoning"),
    [
        ("<think>two parts</think>\n\nanswer", "answer", "two parts"),
        ("\n<think>a</think>\nx\n<think>b</think>\ny", "x\n\ny", "ab"),
        ("if a <think> b", "if a <think> b", ""),
        ("a < b\n<thin ice>", "a < b\n<thin ice>", ""),
        ("prompted reasoning</think>answer", "answer", "prompted reasoning"),
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


def test_the_limit_of_tokens_is_lowered_to_what_the_budget_leaves(tmp_path: Path) -> None:
    meter = Meter(Budget(tokens=1000), spent=Usage(input_tokens=700))
    with asking(tmp_path, ["ok"]) as (server, _, ask):
        ask(meter=meter, max_tokens=4000)
    assert 250 < server.conversation[0].body["max_tokens"] < 300


def test_the_limit_of_tokens_is_lowered_to_what_the_money_buys(tmp_path: Path) -> None:
    prices = {"input_price": 1.0, "output_price": 10.0}
    with asking(tmp_path, ["ok"], endpoint=prices) as (server, _, ask):
        ask(meter=Meter(Budget(cost=0.002)), max_tokens=4000)
    assert 190 < server.conversation[0].body["max_tokens"] <= 200


@pytest.mark.parametrize("spent", [1000, 995])
def test_nothing_is_asked_once_the_budget_is_spent(tmp_path: Path, spent: int) -> None:
    with asking(tmp_path, []) as (server, _, ask), pytest.raises(BudgetSpent, match="1,000 tokens"):
        ask(meter=Meter(Budget(tokens=1000), spent=Usage(output_tokens=spent)))
    assert not server.conversation


def test_a_retry_is_not_begun_with_a_budget_that_the_first_try_spent(tmp_path: Path) -> None:
    meter = Meter(Budget(tokens=120))
    with asking(tmp_path, [Says(CODE * 5, cut_after=30)] * 3) as (server, _, ask):
        assert ask(meter=meter).ended == "cut"
    assert len(server.conversation) == 1


def test_usage_is_estimated_where_the_endpoint_gives_no_figures(tmp_path: Path) -> None:
    able = ABLE.model_copy(update={"usage": False})
    prices = {"input_price": 2.0, "output_price": 4.0}
    with asking(tmp_path, [Says(CODE, usage=False)], abilities=able, endpoint=prices) as (_, model, ask):
        assert not model.abilities.usage
        used = ask().usage
    assert used.estimated
    assert len(CODE) / 5 < used.output_tokens < len(CODE)
    assert used.cost == pytest.approx((used.input_tokens * 2 + used.output_tokens * 4) / 1e6)


def test_a_refused_request_costs_nothing_and_is_counted(tmp_path: Path) -> None:
    meter = Meter(Budget())
    with asking(tmp_path, [Status(429), Status(401)]) as (_, _, ask), pytest.raises(ModelUnavailable):
        ask(meter=meter)
    assert (meter.usage.calls, meter.usage.tokens) == (2, 0)


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
        assert ask(temperature=0.2, seed=1).text == ask(temperature=0.2, seed=1).text == "ok"
    assert [("temperature" in one.body, one.body["seed"]) for one in server.conversation] == [
        (True, 1),
        (False, 1),
        (False, 1),
    ]


def test_the_newer_name_of_the_limit_is_used_where_the_older_is_refused(tmp_path: Path) -> None:
    def script(request: Any) -> Behaviour | str:
        told = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return Status(400, told, param="max_tokens") if "max_tokens" in request.body else "ok"

    with asking(tmp_path, script) as (server, _, ask):
        ask(max_tokens=50)
    assert server.conversation[-1].body["max_completion_tokens"] == 50


@pytest.mark.parametrize("status", [400, 401, 500])
def test_the_key_is_nowhere_but_in_the_request(
    tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "langchain_openai", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with asking(tmp_path, [Status(status, echo_key=True)] * 4, key=KEY) as (server, model, ask):
        with pytest.raises(ModelUnavailable) as raised:
            ask()
        assert server.conversation[0].headers["authorization"] == f"Bearer {KEY}"
        shown = [repr(model), repr(model.endpoint), *(repr(link) + str(link) for link in chain(raised.value))]
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert caplog.text
    assert kept
    assert KEY not in "".join([*shown, *kept, caplog.text, *capsys.readouterr()])


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_a_password_in_the_address_is_used_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ModelServer([Status(400, "no")]) as server:
        base_url = server.url.replace("http://", "http://ann:pa55word@")
        endpoint = server.endpoint(base_url=base_url)
        with Model(endpoint, home=tmp_path) as model, pytest.raises(ModelUnavailable) as raised:
            model.reply(HI, meter=Meter(Budget()))
    assert server.conversation[0].headers["authorization"].startswith("Basic ")
    assert "pa55word" not in str(raised.value) + caplog.text + (tmp_path / "endpoints.json").read_text()


def test_the_environments_key_is_not_sent_where_none_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with asking(tmp_path, ["ok"]) as (server, _, ask):
        ask()
    assert KEY not in str([one.headers for one in server.requests])


def test_the_loopback_is_reached_past_the_environments_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with asking(tmp_path, ["ok"]) as (_, _, ask):
        assert ask().text == "ok"


def test_a_prompt_goes_to_the_endpoint_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as tracer, asking(tmp_path, ["ok"]) as (_, _, ask):
        for prefix in ("LANGSMITH", "LANGCHAIN"):
            monkeypatch.setenv(f"{prefix}_TRACING", "true")
            monkeypatch.setenv(f"{prefix}_TRACING_V2", "true")
            monkeypatch.setenv(f"{prefix}_ENDPOINT", tracer.url)
            monkeypatch.setenv(f"{prefix}_API_KEY", "lsv2_x")
        assert ask().text == "ok"
        time.sleep(0.3)
    assert not tracer.requests


def test_what_listens_to_a_surrounding_graph_does_not_hear_the_prompt(tmp_path: Path) -> None:
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.runnables import RunnableLambda

    heard: list[str] = []

    class Recorder(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, **__: Any) -> None:
            heard.append("chain")

        def on_chat_model_start(self, *_: Any, **__: Any) -> None:
            heard.append("model")

    with asking(tmp_path, ["ok"]) as (_, _, ask):
        assert RunnableLambda(lambda _: ask().text).invoke("q", config={"callbacks": [Recorder()]}) == "ok"
    assert heard == ["chain"]


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
