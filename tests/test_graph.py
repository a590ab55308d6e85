"""The loop: broken drafts are found, repaired within bounds, and never claimed to work."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from drafts import QUESTION, program
from langchain_core.messages import HumanMessage

from assistant import Assistant
from assistant.answer import STUCK
from assistant.drafters.scripted import ScriptedDrafter

Open = Callable[..., Assistant]


def draft(name: str) -> dict[str, str | bytes]:
    return {"train.py": program(name)}


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("wrong_shape", "shape-mismatch"),
        ("nan_loss", "non-finite-loss"),
        ("out_of_memory", "out-of-memory"),
    ],
)
def test_a_broken_draft_is_named_repaired_and_then_verified(open_with: Open, broken: str, fault: str) -> None:
    drafter = ScriptedDrafter([draft(broken), draft("good")])
    answer = open_with(drafter=drafter).ask(QUESTION, thread_id="t")
    assert [repair.fault for repair in drafter.asked] == [fault]
    assert answer.outcome == "verified"
    first, second = answer.attempts
    assert first.verify is not None
    assert first.verify.status == "failed"
    assert second.verify is not None
    assert second.verify.status == "passed"
    assert fault in second.repair


def test_a_draft_that_imports_what_is_not_installed_is_not_run(open_with: Open) -> None:
    drafter = ScriptedDrafter([draft("missing_import"), draft("good")])
    answer = open_with(drafter=drafter).ask(QUESTION, thread_id="t")
    assert [repair.fault for repair in drafter.asked] == ["unknown-module"]
    assert answer.attempts[0].verify is None
    assert answer.outcome == "verified"


def test_a_draft_that_ruff_rejects_is_not_run(open_with: Open) -> None:
    files: dict[str, str | bytes] = {"train.py": "import torch\nprint(undefined_name, torch)\n"}
    drafter = ScriptedDrafter([files, draft("good")])
    answer = open_with(drafter=drafter).ask(QUESTION, thread_id="t")
    assert answer.attempts[0].verify is None
    assert drafter.asked[0].fault == "F821"
    assert answer.outcome == "verified"


def test_a_repair_that_changes_nothing_changes_the_approach_then_ends_the_loop_and_the_best_draft_is_kept(
    open_with: Open,
) -> None:
    drafter = ScriptedDrafter([draft("nan_loss"), *[draft("wrong_shape")] * 4, draft("good")])
    answer = open_with(drafter=drafter).ask(QUESTION, thread_id="t", attempts=10)
    assert [repair.approach for repair in drafter.asked] == ["mend", "mend", "smaller-step", "fresh"]
    assert len(answer.attempts) == 5
    assert STUCK in answer.answer
    assert answer.outcome == "not_verified"
    kept = next(file.content for file in answer.deliverables.files_created if file.path == "train.py")
    assert "EPSILON" in kept


def test_a_repeated_fault_brings_other_patterns(open_with: Open) -> None:
    drafter = ScriptedDrafter([draft("wrong_shape")] * 3)
    open_with(drafter=drafter).ask(QUESTION, thread_id="t", attempts=3)
    first, second = [{hit.pattern.id for hit in repair.related} for repair in drafter.asked]
    assert first
    assert second
    assert not first & second


def test_attempts_are_bounded(open_with: Open) -> None:
    drafter = ScriptedDrafter([draft("wrong_shape"), draft("nan_loss"), draft("good")])
    answer = open_with(drafter=drafter).ask(QUESTION, thread_id="t", attempts=2)
    assert len(answer.attempts) == 2
    assert answer.outcome == "not_verified"
    assert answer.answer.startswith("**Not verified.**")


def test_a_target_that_is_not_reached_is_not_verified(open_with: Open) -> None:
    drafter = ScriptedDrafter([draft("good")])
    answer = open_with(drafter=drafter).ask(f"{QUESTION}, with at least 99.9% accuracy", thread_id="t", attempts=1)
    assert answer.outcome == "not_verified"
    report = answer.attempts[0].verify
    assert report is not None
    target = next(check for check in report.checks if check.id == "target-reached")
    assert target.evidence["measured"] < 0.999


def test_the_second_question_starts_without_the_first_ones_attempts(open_with: Open) -> None:
    opened = open_with(drafter=ScriptedDrafter([draft("wrong_shape"), draft("good"), draft("good")]))
    first = opened.ask(QUESTION, thread_id="t")
    second = opened.ask("now with dropout 0.3", thread_id="t")
    assert len(first.attempts) == 2
    assert len(second.attempts) == 1
    assert second.request is not None
    assert second.request.model.dropout == 0.3
    assert second.request.ml_task.dataset_info.dataset_name == "digits"


def test_the_graph_is_invoked_with_messages_like_any_langgraph_graph(open_with: Open) -> None:
    graph = open_with(drafter=ScriptedDrafter([draft("good")])).graph
    state = graph.invoke({"messages": [HumanMessage(QUESTION)]}, {"configurable": {"thread_id": "plain"}})
    assert state["answer"].outcome == "verified"
    assert state["messages"][-1].text == state["answer"].answer


def test_the_graph_is_invoked_and_streamed_asynchronously_too(open_with: Open) -> None:
    graph = open_with(drafter=ScriptedDrafter([draft("good"), draft("good")])).graph
    config: Any = {"configurable": {"thread_id": "async"}}

    async def both() -> list[str]:
        state = await graph.ainvoke({"messages": [HumanMessage(QUESTION)]}, config)
        assert state["answer"].outcome == "verified"
        question = {"messages": [HumanMessage("now with dropout 0.3")]}
        return [event["step"] async for event in graph.astream(question, config, stream_mode="custom")]

    steps = asyncio.run(both())
    assert steps[0] == "understand"
    assert "verify" in steps


def test_a_reopened_thread_gives_back_typed_objects(open_with: Open) -> None:
    opened = open_with(drafter=ScriptedDrafter([draft("good")]))
    opened.ask(QUESTION, thread_id="kept")
    opened.close()
    reopened = open_with(drafter=ScriptedDrafter([draft("good")]))
    state = reopened.graph.get_state({"configurable": {"thread_id": "kept"}}).values
    types = {name: type(state[name]).__name__ for name in ("request", "design", "understanding", "answer")}
    assert types == {
        "request": "PythonMLDLRequest",
        "design": "Design",
        "understanding": "Understanding",
        "answer": "PythonMLDLResponse",
    }
    assert type(state["attempts"][0]).__name__ == "Attempt"
    assert type(state["patterns"]["model"]).__name__ == "Hit"
    assert reopened.ask("now with learning rate 0.002", thread_id="kept").request.training_config.learning_rate == 0.002
