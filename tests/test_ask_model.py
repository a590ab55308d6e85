"""Questions answered with a model, through the front door: the real client, and an endpoint on the loopback."""

import json
import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from command import gradproof, running
from drafts import QUESTION, program, reply
from model_server import ABLE, READING, Behaviour, ModelServer, Request, Says, Script, Silent, Status, reading

from assistant import Assistant
from assistant.errors import ModelUnavailable, RequestError, Stopped
from assistant.model.schema import Abilities

SMALL = "classify the iris data with an MLP in PyTorch, 5 epochs, no TensorBoard"
"""Quick to answer for the embedded drafter."""
KEY = "sk-loopback-3f9c1e7a5b"

Open = Callable[..., Assistant]


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """An endpoint that is not there any more. It is asked for again at once, for no test is about the pauses."""
    monkeypatch.setattr("assistant.model.tries.LONGEST_PAUSE_S", 0.0)
    with ModelServer() as server:
        return server


def drafts_asked(server: ModelServer) -> list[Request]:
    return [request for request in server.conversation if not request.is_reading]


def wait_for_draft(server: ModelServer) -> bool:
    """Wait until a draft is being asked for; False where none ever is."""
    ends = time.monotonic() + 60
    while not drafts_asked(server) and time.monotonic() < ends:
        time.sleep(0.02)
    return bool(drafts_asked(server))


def test_a_model_drafts_and_mends_and_the_verdict_is_computed(open_with: Open) -> None:
    with ModelServer(Script(reply("wrong_shape"), reply("good"))) as server:
        answer = open_with(server, price_input=1.0, price_output=2.0).ask(QUESTION, thread_id="t")
        first, second = drafts_asked(server)
    assert (answer.outcome, answer.drafter, answer.model) == ("verified", "llm", "scripted")
    assert len(answer.attempts) == 2
    assert "pt." in first.text
    assert "shape-mismatch" in second.text
    assert answer.usage.calls >= 3
    assert answer.usage.cost == pytest.approx((answer.usage.input_tokens + 2 * answer.usage.output_tokens) / 1e6)
    assert "tokens in" in answer.answer
    assert "> Here is the project." in answer.answer


def test_what_a_model_claims_does_not_count(open_with: Open) -> None:
    claims = "Verified: all checks passed, accuracy 99.9%.\n" + reply("nan_loss")
    with ModelServer(Script(claims)) as server:
        answer = open_with(server).ask(QUESTION, thread_id="t", attempts=1)
    assert answer.outcome == "not_verified"
    assert answer.answer.startswith("**Not verified.**")


def test_tokens_stream_to_whoever_follows(open_with: Open) -> None:
    with ModelServer(Script(Says(reply("good"), chunk=40, chunk_s=0.02))) as server:
        events = list(open_with(server).stream(QUESTION, thread_id="t"))
    pieces = [event.data["text"] for event in events if event.message == "token"]
    assert len(pieces) > 5
    assert "".join(pieces) == reply("good")


def test_the_first_verified_candidate_wins(open_with: Open) -> None:
    with ModelServer(Script(reply("wrong_shape"), reply("good"), Silent())) as server:
        answer = open_with(server).ask(QUESTION, thread_id="t", candidates=3)
        assert server.conversation[-1].hung_up.wait(2) or any(one.hung_up.is_set() for one in server.conversation)
    assert answer.outcome == "verified"


def test_the_key_is_nowhere_but_in_the_request(
    open_with: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    spies = "import os\nprint(dict(os.environ))\n" + program("good")
    replies = [f"```python train.py\n{spies}```", Status(401, echo_key=True)]
    with caplog.at_level(logging.DEBUG), ModelServer(Script(*replies), key=KEY) as server:
        opened = open_with(server, openai_api_key=KEY)
        events = list(opened.stream(f"{QUESTION}, with at least 99.99% accuracy", thread_id="t", drafter="llm"))
        opened.close()
    assert events[-1].answer is not None
    assert events[-1].answer.remarks
    assert KEY not in json.dumps([event.model_dump(mode="json") for event in events])
    assert KEY not in caplog.text
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_no_tracing_service_of_the_environment_hears_the_conversation(
    open_with: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(Script(reply("good"))) as server, ModelServer() as service:
        for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        for prefix in ("LANGSMITH", "LANGCHAIN"):
            monkeypatch.setenv(f"{prefix}_ENDPOINT", service.url)
            monkeypatch.setenv(f"{prefix}_API_KEY", "lsv2_x")
        answer = open_with(server).ask(QUESTION, thread_id="t")
        time.sleep(1.0)
        assert service.requests == []
    assert answer.outcome == "verified"


@pytest.mark.parametrize(("drafter", "outcome"), [("llm", "not_verified"), ("auto", "verified")])
def test_an_endpoint_that_fails_half_way_loses_nothing(open_with: Open, drafter: Any, outcome: str) -> None:
    with ModelServer(Script(reply("wrong_shape"), Status(400, "out of credit"))) as server:
        answer = open_with(server).ask(QUESTION, thread_id="t", drafter=drafter)
    assert answer.outcome == outcome
    assert answer.attempts[0].verify is not None
    (remark,) = answer.remarks
    assert "out of credit" in remark
    assert remark in answer.answer
    assert ("embedded drafter" in remark) == (drafter == "auto")
    assert answer.drafter == ("embedded" if drafter == "auto" else "llm")


def test_an_endpoint_that_is_not_there_is_an_error_or_is_done_without_which_is_said(
    open_with: Open, gone: ModelServer
) -> None:
    opened = open_with(gone)
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1"):
        opened.ask(QUESTION, thread_id="t", drafter="llm")
    answer = opened.ask(SMALL, thread_id="t")
    assert (answer.outcome, answer.drafter) == ("verified", "embedded")
    assert "embedded drafter" in answer.remarks[0]


def test_the_embedded_drafter_stands_in_for_candidates_too(open_with: Open) -> None:
    with ModelServer(Script(Status(400, "out of credit"))) as server:
        answer = open_with(server).ask(SMALL, thread_id="t", candidates=2)
    assert (answer.outcome, answer.drafter) == ("verified", "embedded")
    assert "out of credit" in answer.remarks[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("why no softmax before CrossEntropyLoss in PyTorch?", "So the vetted patterns answer alone."),
        ("a U-Net for 3-class segmentation of 32x32 RGB tiles, synthetic", "no vetted patterns for segmentation"),
    ],
)
def test_what_is_said_of_an_endpoint_that_is_not_there_fits_the_answer(
    open_with: Open, gone: ModelServer, question: str, said: str
) -> None:
    answer = open_with(gone).ask(question, thread_id="t")
    assert said in answer.answer
    assert gone.url.split("/")[2] in answer.answer
    assert "wrote the project" not in answer.answer


def test_the_time_that_the_reading_took_counts(open_with: Open) -> None:
    slow = Says(READING, first_s=1.5)
    with ModelServer(lambda request: slow if request.is_reading else reply("good")) as server:
        started = time.monotonic()
        answer = open_with(server).ask(QUESTION, thread_id="t")
        took = time.monotonic() - started
    assert took - 2 < answer.execution_time_seconds <= took


def test_a_question_back_is_asked_and_its_reply_is_read_by_the_model_too(open_with: Open) -> None:
    reading = Script(reply("good"))
    with ModelServer(reading) as server:
        opened = open_with(server)
        assert opened.ask("train a network on my data in PyTorch", thread_id="t").outcome == "question"
        answer = opened.ask("use the digits, no TensorBoard", thread_id="t")
        assert [request.is_reading for request in server.conversation] == [True, True, False]
    assert answer.outcome == "verified"
    assert answer.usage.calls == 3


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [(Status(404, "The model does not exist"), "GRADPROOF_MODEL"), (Says("<!DOCTYPE html>"), "usable file")],
)
def test_a_model_that_cannot_be_used_is_an_error_that_says_why(
    open_with: Open, behaviour: Behaviour, said: str
) -> None:
    with ModelServer(Script(behaviour)) as server, pytest.raises(ModelUnavailable, match=said):
        open_with(server).ask(QUESTION, thread_id="t", drafter="llm")


def test_a_follow_up_shows_the_model_the_project_that_it_changes(open_with: Open) -> None:
    renamed = reply("good").replace("LEARNING_RATE", "STEP_SIZE")
    with ModelServer(Script(reply("good"), renamed)) as server:
        opened = open_with(server)
        opened.ask(QUESTION, thread_id="t")
        answer = opened.ask("now with learning rate 0.001, and call it STEP_SIZE", thread_id="t")
        first, second = drafts_asked(server)
    assert answer.outcome == "verified"
    assert "LEARNING_RATE = 1e-3" not in first.text
    assert "LEARNING_RATE = 1e-3" in second.text


def test_a_change_that_only_a_model_understands_is_no_decline(open_with: Open) -> None:
    with ModelServer(Script(reply("good"))) as server:
        opened = open_with(server)
        opened.ask(QUESTION, thread_id="t")
        answer = opened.ask("rename main to run", thread_id="t")
    assert answer.outcome == "verified"
    assert "rename main to run" in drafts_asked(server)[1].text


def test_a_question_about_the_project_is_asked_with_its_numbers(open_with: Open) -> None:
    with ModelServer(Script(reply("good"), "Because the learning rate suits the batch.")) as server:
        opened = open_with(server)
        opened.ask(QUESTION, thread_id="t")
        answer = opened.ask("why did you choose that learning rate?", thread_id="t")
        assert "learning_rate = 0.003" in server.conversation[-1].text
    assert answer.outcome == "explained"


def test_what_nothing_here_can_see_is_said(open_with: Open) -> None:
    with ModelServer(Script(reply("good"))) as server:
        answer = open_with(server).ask("digits in PyTorch with gradient accumulation, no TensorBoard", thread_id="t")
    assert "gradient accumulation" in answer.remarks[0]


def test_a_change_that_was_stopped_leaves_the_project_before_as_it_was(open_with: Open) -> None:
    cancel = threading.Event()

    def script(request: Request) -> Behaviour | str:
        if "response_format" in request.body:
            return READING
        if "batch size 32" in request.text:
            cancel.set()
            return Silent()
        return reply("good")

    with ModelServer(script) as server:
        opened = open_with(server)
        before = opened.ask(QUESTION, thread_id="t")
        with pytest.raises(Stopped):
            opened.ask("now with batch size 32", thread_id="t", cancel=cancel)
        kept = opened.last_answer("t")
        assert kept is not None
        assert kept.request_id == before.request_id
        assert "train.py" in opened.project_files("t")
        after = opened.ask("now with seed 0", thread_id="t")
    assert after.request.training_config.batch_size is None
    assert after.request.training_config.seed == 0
    assert after.request.ml_task.dataset_info.dataset_name == "digits"


def test_the_files_of_a_project_are_there_after_an_explanation(open_with: Open) -> None:
    with ModelServer(Script(reply("good"))) as server:
        opened = open_with(server)
        assert opened.project_files("t") == {}
        opened.ask(QUESTION, thread_id="t")
        opened.ask("why no softmax before CrossEntropyLoss in PyTorch?", thread_id="t")
        assert "train.py" in opened.project_files("t")


def test_nothing_is_composed_in_place_of_what_only_a_model_could_draft(open_with: Open) -> None:
    with ModelServer(Script(Status(400, "out of credit"))) as server, pytest.raises(ModelUnavailable, match="credit"):
        open_with(server).ask("a U-Net for 3-class segmentation of 32x32 RGB tiles, synthetic", thread_id="t")


def test_stop_hangs_up_within_a_second(open_with: Open) -> None:
    cancel = threading.Event()
    with ModelServer(Script(Silent(), reply("good"))) as server:
        opened = open_with(server)
        opened.open_model().find_abilities()
        opened.open_index()
        stopping = threading.Thread(target=lambda: (wait_for_draft(server), cancel.set()))
        stopping.start()
        with pytest.raises(Stopped):
            opened.ask(QUESTION, thread_id="t", cancel=cancel)
        stopping.join()
        assert drafts_asked(server)[0].hung_up.wait(1.0)
        assert opened.ask(QUESTION, thread_id="t").outcome == "verified"


def test_a_budget_of_tokens_ends_the_repairs_and_says_so(open_with: Open) -> None:
    with ModelServer(Script(reply("wrong_shape"))) as server:
        answer = open_with(server).ask(QUESTION, thread_id="t", drafter="llm", budget_tokens=16_000)
    assert answer.outcome == "not_verified"
    assert len(answer.attempts) == 1
    assert answer.usage.tokens <= 16_000
    assert any("budget of 16,000 tokens" in remark for remark in answer.remarks), answer.remarks


def test_a_budget_of_money_needs_prices(open_with: Open) -> None:
    with ModelServer() as server, pytest.raises(RequestError, match="GRADPROOF_PRICE_INPUT"):
        open_with(server).ask(QUESTION, thread_id="t", budget_cost=0.01)


def test_a_budget_of_time_ends_the_wait_for_a_model(open_with: Open) -> None:
    with ModelServer(Script(reply("wrong_shape"), reply("wrong_shape"), Silent())) as server:
        opened = open_with(server)
        opened.ask(QUESTION, thread_id="warm", attempts=1)
        started = time.monotonic()
        answer = opened.ask(QUESTION, thread_id="t", drafter="llm", budget_seconds=5.0)
    assert answer.outcome == "not_verified"
    assert time.monotonic() - started < 40
    assert any("5 s" in remark for remark in answer.remarks), answer.remarks


def test_without_retrieval_no_pattern_reaches_the_prompt(open_with: Open) -> None:
    with ModelServer(Script(reply("good"))) as server:
        answer = open_with(server).ask(QUESTION, thread_id="t", retrieval=False)
        (asked,) = drafts_asked(server)
    assert answer.outcome == "verified"
    assert answer.patterns == []
    assert "pt.train." not in asked.text


def test_a_question_that_needs_no_code_is_answered_in_prose_with_its_sources(open_with: Open) -> None:
    def script(request: Request) -> str:
        if request.is_reading:
            return reading("explain")
        cited = next(word.strip("`[]()\"'<>:,.") for word in request.text.split() if "pt.loss" in word)
        return f"Because the loss applies log-softmax itself [{cited}]. See also [pt.invented.thing]."

    with ModelServer(script) as server:
        answer = open_with(server).ask("why no softmax before CrossEntropyLoss in PyTorch?", thread_id="t")
    assert (answer.outcome, answer.drafter) == ("explained", "llm")
    assert [pattern.id for pattern in answer.patterns]
    assert "pt.invented.thing" not in answer.answer.replace("\n".join(answer.remarks), "")
    assert "log-softmax" in answer.answer


@pytest.mark.parametrize("abilities", [ABLE, Abilities(streaming=False, usage=False, system_role=False)])
def test_what_an_endpoint_lacks_is_done_without(open_with: Open, abilities: Abilities) -> None:
    def script(request: Request) -> Behaviour:
        return Says(reply("good") if "train.py" in request.text else READING, usage=abilities.usage)

    with ModelServer(script, abilities=abilities) as server:
        answer = open_with(server).ask(QUESTION, thread_id="t")
    assert answer.outcome == "verified"
    assert answer.usage.estimated == (not abilities.usage)


def asking(server: ModelServer, *words: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return running("ask", QUESTION, *words, OPENAI_BASE_URL=server.url, GRADPROOF_MODEL=server.model)


@pytest.mark.usefixtures("own_environment")
def test_the_command_says_in_one_sentence_why_the_model_cannot_be_used() -> None:
    refusal = Status(401, "Incorrect API key provided")
    with ModelServer(Script(refusal)) as server, asking(server, "--drafter", "llm") as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 3, errors
    assert "OPENAI_API_KEY" in errors.splitlines()[-1]
    assert "Traceback" not in errors


@pytest.mark.usefixtures("own_environment")
def test_the_command_needs_an_endpoint_for_a_model() -> None:
    done = gradproof("ask", QUESTION, "--drafter", "llm")
    assert done.returncode == 3
    assert "GRADPROOF_MODEL" in done.stderr


@pytest.mark.usefixtures("vectors")
def test_ctrl_c_hangs_up_while_the_model_is_silent() -> None:
    with ModelServer(Script(Silent())) as server, asking(server) as process:
        assert wait_for_draft(server)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert drafts_asked(server)[0].hung_up.wait(1.0)
    assert process.returncode == 130
    assert time.monotonic() - started < 5
