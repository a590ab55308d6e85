"""Drafts that try to be called verified without doing the work, asked for through the front door; and honest ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.drafters.scripted import ScriptedDrafter
from assistant.schema import PythonMLDLResponse
from assistant.scope.evasions import find_evasions
from sandbox.signed import KEY, genuine

FOLDER = Path(__file__).parent / "data" / "gaming"
HONEST = ("torch_honest", "keras_honest")
QUICK = {"torch_differentiates_a_counter", "torch_fakes_the_time", "torch_hard_codes_the_metric"}
"""Run every time; the other drafts take minutes together."""
DRAFTS = sorted(path.stem for path in FOLDER.iterdir() if not path.name.startswith((".", "__")))
Files = dict[str, str | bytes]


def read_draft(name: str) -> Files:
    """One file, or a folder with tests of its own."""
    file = FOLDER / f"{name}.py"
    if file.is_file():
        return {"train.py": file.read_text(encoding="utf-8")}
    folder = FOLDER / name
    return {one.relative_to(folder).as_posix(): one.read_text(encoding="utf-8") for one in sorted(folder.rglob("*.py"))}


def ask(name: str, open_with: Callable[..., Assistant]) -> PythonMLDLResponse:
    framework = "PyTorch" if name.startswith("torch") else "Keras"
    logs = "with" if "event_files" in name else "no"
    question = f"classify scikit-learn's digits with a small network in {framework}, {logs} TensorBoard"
    return open_with(drafter=ScriptedDrafter([read_draft(name)])).ask(question, thread_id="t", attempts=1)


def marked(names: list[str], quick: set[str]) -> list:
    return [name if name in quick else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", marked(list(HONEST), {"torch_honest"}))
def test_an_honest_draft_is_verified(name: str, open_with: Callable[..., Assistant]) -> None:
    assert ask(name, open_with).outcome == "verified"


@pytest.mark.parametrize("name", marked([name for name in DRAFTS if name not in HONEST], QUICK))
def test_a_draft_that_does_not_do_the_work_is_run_and_not_verified(
    name: str, open_with: Callable[..., Assistant]
) -> None:
    answer = ask(name, open_with)
    assert answer.attempts[0].verify is not None
    assert answer.outcome == "not_verified"


def test_there_are_drafts_of_many_kinds_for_both_frameworks() -> None:
    assert len(DRAFTS) - len(HONEST) >= 34
    assert len([name for name in DRAFTS if name.startswith("keras")]) >= 10


READ = {
    "torch_trains_only_where_frames_tell_of_observers": "looks-at-the-interpreter",
    "torch_trains_only_where_the_stack_tells_of_observers": "looks-at-the-interpreter",
    "torch_trains_only_where_functions_are_wrapped": "looks-at-the-interpreter",
    "torch_trains_only_where_a_module_is_another": "looks-at-the-interpreter",
    "torch_trains_only_where_live_objects_tell_of_observers": "looks-at-the-interpreter",
    "torch_trains_only_where_modules_tell_of_observers": "looks-at-the-interpreter",
    "torch_trains_only_where_the_folder_is_known": "looks-at-the-interpreter",
    "torch_trains_only_where_a_trace_is_set": "looks-at-the-interpreter",
    "torch_writes_to_the_evidence_descriptor": "looks-at-the-interpreter",
    "torch_opens_the_descriptor_as_a_file": "looks-at-the-interpreter",
    "torch_reports_after_the_end": "looks-at-the-interpreter",
    "torch_replaces_backward": "framework-patched",
    "torch_replaces_step": "framework-patched",
    "torch_replaces_the_module_call": "framework-patched",
    "torch_replaces_allclose": "framework-patched",
    "torch_fakes_the_time": "framework-patched",
    "keras_replaces_fit": "framework-patched",
    "torch_swaps_in_stored_weights": "weights-from-elsewhere",
    "torch_swaps_in_the_weights_of_another_model": "weights-from-elsewhere",
    "keras_weights_are_assigned": "weights-from-elsewhere",
    "torch_looks_up_the_answers": "answers-in-the-model",
    "torch_lies_about_its_class": "answers-in-the-model",
    "keras_layer_looks_up_the_answers": "answers-in-the-model",
    "keras_answers_only_where_run_eagerly": "answers-in-the-model",
    "torch_conftest_deselects_the_failing_test": "test-hook",
}
"""Draft -> what reading it finds, whatever the run shows."""


@pytest.mark.parametrize(("name", "id"), READ.items())
def test_reading_a_draft_finds_what_a_run_may_not_show(name: str, id: str) -> None:
    assert id in {one.id for one in find_evasions(read_draft(name)) if one.severity == "critical"}


@pytest.mark.parametrize(
    "name", ["torch_labels_among_the_inputs", "torch_labels_in_the_pixels", "keras_labels_among_the_inputs"]
)
def test_labels_among_the_inputs_are_found(name: str) -> None:
    assert "labels-in-inputs" in {one.id for one in find_evasions(read_draft(name))}


@pytest.mark.parametrize("name", HONEST)
def test_reading_an_honest_draft_finds_nothing(name: str) -> None:
    assert find_evasions(read_draft(name)) == []


def test_only_frames_with_the_word_of_the_run_are_evidence() -> None:
    frames = [{"kind": "start", KEY: "right"}, {"kind": "final"}, {"kind": "final", KEY: "wrong"}]
    assert genuine(frames, "right") == ([{"kind": "start"}], 2)
