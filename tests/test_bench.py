"""Measuring a model: the arms differ as they say, the file can be gone on with, and nothing is mixed."""

import json
import signal
import threading
import time
from typing import Any

import pytest
from command import running
from drafts import QUESTION, reply
from model_server import READING, Behaviour, ModelServer, Request, Silent, Status

from assistant.bench.questions import OWN, digest, read_questions
from assistant.bench.record import open_record
from assistant.bench.run import Plan, may_be_in, read_arms, run_bench
from assistant.bench.schema import MODEL_ARMS, Identity, Question, Result
from assistant.bench.summary import summarise, wilson
from assistant.errors import ModelUnavailable, RequestError
from assistant.model.schema import Usage
from assistant.turn import Turn
from assistant.understanding import read_question

PRICES = {"price_input": 1.0, "price_output": 2.0}
DIGITS = Question(question=QUESTION)
REFUSED = Question(question="classify scikit-learn's digits with an MLP in PyTorch, and please refuse")

RUN = Identity(
    version="1",
    model="m",
    address="http://a",
    questions="q",
    attempts=3,
    time_limit_s=300.0,
    budget_tokens=9000,
    budget_cost=None,
    budget_seconds=None,
    price_input=1.0,
    price_output=2.0,
)


def line(n: int = 1, arm: Any = "draft", outcome: Any = "verified", run: Identity = RUN, **fields: Any) -> Result:
    return Result(run=run, n=n, arm=arm, question="q", outcome=outcome, seconds=2.0, **fields)


def weak_model(request: Request) -> Behaviour | str:
    """Writes a wrong draft first, mends it when it is told, and refuses what asks for that."""
    if request.is_reading:
        return READING
    if "please refuse" in request.text:
        return "I would rather not."
    return reply("good" if "shape-mismatch" in request.messages[-1]["content"] else "wrong_shape")


def test_the_arms_show_what_repairs_are_worth_and_a_second_run_asks_nothing_again(open_with, tmp_path):
    plan, path = Plan(questions=[DIGITS, REFUSED], arms=list(MODEL_ARMS)), tmp_path / "bench.jsonl"
    with ModelServer(weak_model) as server:
        report = run_bench(open_with(server, **PRICES), plan, path)
        drafts = [one for one in server.conversation if not one.is_reading]
        asked = len(server.conversation)
        again = run_bench(open_with(server, **PRICES), plan, path)
        assert len(server.conversation) == asked
    lines = [Result.model_validate_json(text) for text in path.read_text().splitlines()]
    assert [(one.n, one.arm, one.outcome, one.attempts) for one in lines] == [
        (1, "draft", "not_verified", 1),
        (1, "retrieval", "not_verified", 1),
        (1, "repair", "verified", 2),
        (2, "draft", "failed", 0),
        (2, "retrieval", "failed", 0),
        (2, "repair", "failed", 0),
    ]
    assert ["pt." in one.text for one in drafts[:3]] == [False, True, True]
    assert "shape-mismatch" in lines[0].reason
    assert "usable file" in lines[3].reason
    assert lines[3].usage.calls == 3  # the reading of the question, and two answers without a file
    assert all(one.usage.tokens > 0 and one.seconds > one.sandbox_s for one in lines)
    assert [(arm.verified, arm.questions, arm.share) for arm in report.arms] == [(0, 2, 0.0), (0, 2, 0.0), (1, 2, 0.5)]
    assert all(arm.tokens > 0 and arm.cost and arm.cost > 0 for arm in report.arms)
    assert again == report
    assert report.left == 0


def test_an_endpoint_that_dies_ends_the_run_and_a_later_one_goes_on(open_with, tmp_path):
    plan, path = Plan(questions=[REFUSED, DIGITS], arms=["draft"]), tmp_path / "bench.jsonl"
    dead = threading.Event()

    def script(request: Request) -> Behaviour | str:
        return Status(401, "Incorrect API key provided") if dead.is_set() else weak_model(request)

    with ModelServer(script) as server:
        with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
            run_bench(open_with(server, **PRICES), plan, path, on_result=lambda _result, _left: dead.set())
        assert len(path.read_text().splitlines()) == 1
        dead.clear()
        report = run_bench(open_with(server, **PRICES), plan, path)
    assert report.arms[0].outcomes == {"failed": 1, "not_verified": 1}


def test_a_request_that_an_endpoint_refuses_is_the_questions_failure_where_it_answers_others(open_with, tmp_path):
    def script(request: Request) -> Behaviour | str:
        if request.is_reading:
            return READING
        return "ready" if "single word" in request.text else Status(400, "this prompt is not to my taste")

    plan = Plan(questions=[DIGITS], arms=["draft"])
    with ModelServer(script) as server:
        run_bench(open_with(server), plan, tmp_path / "bench.jsonl")
        assert ["single word" in one.text for one in server.conversation] == [False, False, True]
    kept = Result.model_validate_json((tmp_path / "bench.jsonl").read_text())
    assert (kept.outcome, kept.usage.calls) == ("failed", 2)
    assert "not to my taste" in kept.reason


def test_the_embedded_drafter_is_a_baseline_that_needs_no_endpoint(assistant, tmp_path):
    declined = Question(question="train a GRU in PyTorch that forecasts a synthetic sine wave")
    plan = Plan(questions=[DIGITS, declined], arms=read_arms(None, "embedded"))
    report = run_bench(assistant, plan, tmp_path / "bench.jsonl")
    assert (report.run.model, report.arms[0].outcomes) == (None, {"verified": 1, "declined": 1})
    assert (report.arms[0].tokens, report.arms[0].share) == (0, 0.5)


def test_only_the_first_questions_are_asked_under_a_limit(assistant, tmp_path):
    questions = [Question(question=f"write a poem about number {n}") for n in range(3)]
    limited = Plan(questions=questions, arms=["embedded"], limit=2)
    told: list[tuple[int, int]] = []
    report = run_bench(
        assistant, limited, tmp_path / "b.jsonl", on_result=lambda result, left: told.append((result.n, left))
    )
    assert (report.questions, report.arms[0].questions, told) == (2, 2, [(1, 1), (2, 0)])
    whole = run_bench(assistant, limited.model_copy(update={"limit": None}), tmp_path / "b.jsonl")
    assert (whole.arms[0].questions, whole.arms[0].outcomes) == (3, {"declined": 3})


@pytest.mark.parametrize(
    ("text", "framework", "started"),
    [
        ("digits in Keras", None, {"tensorflow"}),
        ("digits", "pytorch", {"pytorch"}),
        ("classify the digits", None, {"pytorch", "tensorflow"}),
    ],
)
def test_what_a_question_may_need_is_started_before_it_is_timed(text, framework, started):
    assert may_be_in(Question(question=text, framework=framework)) == started


def test_a_torn_last_line_is_dropped_and_written_anew(tmp_path):
    path = tmp_path / "bench.jsonl"
    whole = line().model_dump_json()
    path.write_text(f"{whole}\n{whole[:40]}")
    with open_record(path, RUN) as record:
        assert (record.done(1, "draft"), record.done(2, "draft")) == (True, False)
        record.add(line(n=2))
    with open_record(path, RUN) as record:
        assert [result.n for result in record.results] == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        {"model": "n"},
        {"address": "http://b"},
        {"questions": "r"},
        {"attempts": 5},
        {"time_limit_s": 9.0},
        {"version": "2"},
        {"budget_tokens": None},
        {"budget_cost": 0.5},
        {"budget_seconds": 60.0},
        {"price_input": 3.0},
        {"price_output": None},
    ],
)
def test_lines_of_another_run_are_not_mixed(tmp_path, other):
    path = tmp_path / "bench.jsonl"
    path.write_text(line(run=RUN.model_copy(update=other)).model_dump_json() + "\n")
    before = path.read_bytes()
    with pytest.raises(RequestError, match=next(iter(other))), open_record(path, RUN):
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["not json\n", '{"n": 1}\n', "a,b\n1,2\n"])
def test_a_file_of_another_kind_is_left_alone(tmp_path, content):
    path = tmp_path / "data.csv"
    path.write_text(content)
    with pytest.raises(RequestError, match=r"data\.csv:1"), open_record(path, RUN):
        pass
    assert path.read_text() == content


def test_two_runs_do_not_write_one_file(tmp_path):
    path = tmp_path / "bench.jsonl"
    with open_record(path, RUN), pytest.raises(RequestError, match="another run"), open_record(path, RUN):
        pass


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 24, 0.0074, 0.2024), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_a_summary_counts_failures_against_the_share_and_only_its_own_arm():
    usage = Usage(calls=1, input_tokens=10, output_tokens=5, cost=0.5, seconds=1.0)
    results = [
        line(attempts=1, usage=usage),
        line(n=2, outcome="failed", usage=usage.model_copy(update={"estimated": True})),
        line(n=3, outcome="not_verified", attempts=3),
        line(arm="repair", attempts=2, usage=usage),
    ]
    summary = summarise(results, "draft")
    assert (summary.questions, summary.verified, summary.share) == (3, 1, 1 / 3)
    assert (summary.attempts, summary.tokens, summary.tokens_estimated, summary.cost) == (2.0, 30, True, 1.0)
    assert (summary.seconds, summary.model_s) == (2.0, pytest.approx(2 / 3))
    assert summarise([], "draft").share is None


def test_questions_come_as_words_or_as_json_and_a_wrong_line_is_named(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text('# mine\na CNN\n\n{"question": "an MLP", "framework": "tensorflow"}\n')
    words, typed = read_questions(path)
    assert (words.question, words.framework, typed.framework) == ("a CNN", None, "tensorflow")
    assert digest([words, typed]) != digest([typed, words])
    path.write_text('a CNN\n{"question": "an MLP", "framework": "jax"}\n')
    with pytest.raises(RequestError, match=r"questions\.txt:2: framework"):
        read_questions(path)


@pytest.mark.parametrize("content", [None, b"", b"# nothing\n", b"\xff\xfe\x00"])
def test_a_file_without_questions_is_refused(tmp_path, content):
    path = tmp_path / "questions.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RequestError, match=r"questions\.txt"):
        read_questions(path)


def test_every_question_of_the_own_set_is_one_to_build_for_and_none_is_asked_back():
    questions = read_questions(OWN)
    understood = [
        read_question(one.question, Turn(framework=one.framework), [], None, composes=False)[0] for one in questions
    ]
    assert {one.kind for one in understood} == {"build"}
    assert [one.request.framework for one in understood] == [one.framework for one in questions]
    frameworks = [one.framework for one in questions]
    assert frameworks.count("pytorch") == frameworks.count("tensorflow") == len(set(map(str, questions))) / 2


@pytest.mark.parametrize(
    ("text", "drafter", "arms"),
    [
        (None, "llm", ["draft", "retrieval", "repair"]),
        ("repair, draft", "llm", ["draft", "repair"]),
        ("draft,embedded", "llm", ["draft", "embedded"]),
        (None, "embedded", ["embedded"]),
    ],
)
def test_arms_are_read_in_their_usual_order(text, drafter, arms):
    assert read_arms(text, drafter) == arms


@pytest.mark.parametrize(("text", "drafter"), [("draft,magic", "llm"), ("draft", "embedded")])
def test_arms_that_are_none_are_refused(text, drafter):
    with pytest.raises(RequestError):
        read_arms(text, drafter)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 3, "GRADPROOF_MODEL"),
        (["--arms", "magic"], 2, "'magic'"),
        (["--questions", "nowhere.txt"], 2, "nowhere.txt"),
    ],
)
def test_the_command_says_in_one_sentence_what_is_missing(tmp_path, words, status, said):
    with running("bench", *words, "--out", str(tmp_path / "b.jsonl")) as process:
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.count("\n")) == (status, 1)
    assert said in errors


def test_the_command_leaves_a_file_of_something_else_alone_and_does_not_call_it_its_own(tmp_path):
    out = tmp_path / "notes.txt"
    out.write_text("my notes\n")
    with running("bench", "--drafter", "embedded", "--out", str(out)) as process:
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, out.read_text()) == (2, "my notes\n")
    assert "give --out another file" in errors
    assert "goes on from there" not in errors


@pytest.mark.usefixtures("vectors")
def test_the_command_prints_one_json_object_and_ctrl_c_keeps_what_is_done(tmp_path):
    questions, out = tmp_path / "questions.txt", tmp_path / "bench.jsonl"
    questions.write_text(f"{REFUSED.question}\n{DIGITS.question}\n")
    silent = threading.Event()

    def script(request: Request) -> Behaviour | str:
        if "please refuse" not in request.text:
            silent.set()
            return Silent()
        return weak_model(request)

    words = ["--questions", str(questions), "--out", str(out), "--arms", "draft", "--json"]
    with ModelServer(script) as server:
        endpoint = {"OPENAI_BASE_URL": server.url, "GRADPROOF_MODEL": server.model}
        with running("bench", *words, **endpoint) as process:
            assert silent.wait(60)
            process.send_signal(signal.SIGINT)
            pressed = time.monotonic()
            _, errors = process.communicate(timeout=60)
            assert time.monotonic() - pressed < 10
        assert (process.returncode, len(out.read_text().splitlines())) == (130, 1)
        assert "goes on from there" in errors
        with running("bench", *words, "--limit", "1", **endpoint) as process:
            printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(printed)["arms"][0]["outcomes"] == {"failed": 1}
