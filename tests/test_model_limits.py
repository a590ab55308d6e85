"""Stop, time, budget and length: every reply ends, and what it used is counted."""

import _thread
import asyncio
import threading
import time
from pathlib import Path

import pytest
from model_server import ABLE, Behaviour, Request, Says, Silent, Status, asking

from assistant.errors import BudgetSpent, ModelUnavailable, Stopped
from assistant.model.schema import Budget, Message, Meter, Reply, Usage

CODE = "import torch\n\nmodel = torch.nn.Linear(4, 3)\nprint(sum(p.numel() for p in model.parameters()))\n"


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
    assert reply.ended == "overlong"
    assert len(reply.text) == 8 * 256 + 2000


def test_endless_reasoning_is_ended_too(tmp_path: Path) -> None:
    with asking(tmp_path, [Says("hm " * 40, endless=True, chunk=120)] * 2) as (_, _, ask):
        reply = ask([Message(role="user", content="think")], max_tokens=300)
    assert reply.ended == "overlong"


def test_a_limit_that_the_endpoint_keeps_to_is_said(tmp_path: Path) -> None:
    with asking(tmp_path, [Says(CODE[:40], finish="length")]) as (server, _, ask):
        assert ask(max_tokens=10).ended == "length"
    assert server.conversation[0].body["max_tokens"] == 10


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


def test_a_budget_beyond_the_context_is_no_limit_to_ask_for(tmp_path: Path) -> None:
    with asking(tmp_path, ["ok"]) as (server, _, ask):
        ask(meter=Meter(Budget(tokens=200_000)))
    assert "max_tokens" not in server.conversation[0].body


def test_a_limit_that_the_endpoint_finds_too_high_is_left_out(tmp_path: Path) -> None:
    def script(request: Request) -> Behaviour | str:
        refused = Status(400, "max_tokens is too large: this model supports at most 16 completion tokens")
        return refused if request.body.get("max_tokens", 0) > 16 else Says("y" * 9000)

    with asking(tmp_path, script) as (server, _, ask):
        reply = ask(meter=Meter(Budget(tokens=500)))
        assert (reply.ended, len(reply.text)) == ("overlong", 8 * (500 - 9) + 2000)
        assert ask(max_tokens=12, temperature=1.0).ended == "overlong"
    assert [one.body.get("max_tokens") for one in server.conversation] == [491, None, 12]


@pytest.mark.parametrize("spent", [1000, 995])
def test_nothing_is_asked_once_the_budget_is_spent(tmp_path: Path, spent: int) -> None:
    with asking(tmp_path, []) as (server, _, ask), pytest.raises(BudgetSpent, match="1,000 tokens"):
        ask(meter=Meter(Budget(tokens=1000), spent=Usage(output_tokens=spent)))
    assert not server.conversation


@pytest.mark.parametrize(
    ("budget", "told"),
    [(Budget(tokens=200_000, cost=0.00001), "budget of 1e-05 .--budget-cost."), (Budget(tokens=20, cost=9), "20 tok")],
)
def test_the_limit_that_binds_is_the_one_that_is_named(tmp_path: Path, budget: Budget, told: str) -> None:
    prices = {"input_price": 1.0, "output_price": 2.0}
    with asking(tmp_path, [], endpoint=prices) as (_, _, ask), pytest.raises(BudgetSpent, match=told):
        ask(meter=Meter(budget))


@pytest.mark.parametrize("left", [120, 165])
def test_a_retry_is_not_begun_with_a_budget_that_the_first_try_spent(tmp_path: Path, left: int) -> None:
    meter = Meter(Budget(tokens=left))
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
