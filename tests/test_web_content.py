"""What the page shows, as plain values."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from assistant.app import Event
from assistant.web.content import (
    answer_messages,
    as_on_terminal,
    checks_html,
    first_file,
    first_scalar,
    heading,
    plain,
    zip_project,
)
from assistant.web.work import LOSSES_KEPT, Progress, advance


def after(*events: tuple[str, str, dict]) -> Progress:
    progress = Progress(question="train")
    for step, message, data in events:
        progress = advance(progress, Event(step=step, message=message, data=data))
    return progress


def test_a_repaired_draft_starts_without_the_checks_and_losses_of_the_last() -> None:
    check = {"id": "forward", "status": "failed", "message": "shapes differ"}
    events = [
        ("lint", "clean", {"files": {"a.py": "1"}}),
        ("verify", "loss", {"step": 1, "loss": 2.0}),
        ("verify", "check", check),
    ]
    first = after(*events)
    assert (first.checks, first.losses) == ([check], [(1, 2.0)])
    second = after(*events, ("lint", "clean", {"files": {"a.py": "2"}}))
    assert (second.checks, second.losses, second.files) == ([], [], {"a.py": "2"})


def test_the_live_loss_curve_stays_short_and_keeps_its_ends() -> None:
    progress = after(*(("verify", "loss", {"step": step, "loss": 1.0}) for step in range(5000)))
    assert len(progress.losses) <= LOSSES_KEPT
    assert (progress.losses[0][0], progress.losses[-1][0]) == (0, 4999)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "Reading the question"),
        ([("lint", "clean", {})], "Running it in the sandbox"),
        ([("lint", "clean", {}), ("verify", "loss", {"step": 1200, "loss": 0.25})], "step 1,200 · loss 0.25"),
        ([("verify", "failed", {}), ("repair", "a smaller batch", {})], "Checking the style"),
    ],
)
def test_the_heading_says_what_goes_on_now(events: list, expected: str) -> None:
    assert expected in heading(after(*events))


def test_text_of_others_is_escaped() -> None:
    assert plain("<b>*x*</b>") == r"\<b\>\*x\*\</b\>"
    table = checks_html([{"id": "<i>", "status": "failed", "message": "<script>"}])
    assert "<script>" not in table and "<i>" not in table and "&lt;script&gt;" in table


def test_only_the_verdict_of_a_project_stands_unfolded() -> None:
    verdict, report = answer_messages("**Verified.** 97%.\n\nDesign:\n\n- cnn")
    assert verdict["content"] == "**Verified.** 97%." and report["metadata"]["status"] == "done"
    assert len(answer_messages("**Clip gradients** so.\n\n```python\nx\n```")) == 1


def test_a_progress_bar_that_was_drawn_over_is_one_line() -> None:
    assert as_on_terminal("a: 0%\ra: 50%\ra: 100%\r\nend\r") == "a: 100%\nend"


def test_the_model_and_the_held_out_curve_are_shown_first() -> None:
    assert first_file(["data.py", "train.py", "model.py"]) == "model.py"
    assert first_file([]) is None
    assert first_scalar(["train/loss", "val/accuracy"]) == "val/accuracy"
    assert first_scalar(["train/loss"]) == "train/loss"


def test_the_archive_unpacks_into_one_folder_with_text_and_binary_files() -> None:
    archive = zip_project({"a/é.py": "x = 'é'\n", "data/b.npz": b"\x00"}, folder="project")
    with ZipFile(BytesIO(archive)) as opened:
        assert opened.read("project/a/é.py").decode() == "x = 'é'\n"
        assert sorted(opened.namelist()) == ["project/a/é.py", "project/data/b.npz"]
