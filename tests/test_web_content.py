"""What the page shows, as plain values."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from assistant.app import Event
from assistant.markdown import project_in_markdown
from assistant.model.schema import Usage
from assistant.schema import DesignChoice, PythonMLDLResponse
from assistant.web.chat import answer_messages, as_code, heading, plain, progress_messages
from assistant.web.content import as_on_terminal, checks_html, figures, first_file, first_scalar, zip_project
from assistant.web.progress import LOSSES_KEPT, OUTPUT_KEPT, Progress, advance

EXPLAIN = ("understand", "something to explain", {"kind": "explain"})
TOKEN = ("draft", "token", {"text": "import torch", "candidate": 0})


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
        ([EXPLAIN, ("retrieve", "5 vetted patterns", {})], "Writing an explanation"),
        ([EXPLAIN, ("retrieve", "5 vetted patterns", {}), ("explain", "from 2", {})], "Writing the answer"),
        ([("understand", "nothing", {"kind": "decline"})], "Writing the answer"),
        ([("lint", "clean", {})], "Running it in the sandbox"),
        ([("lint", "clean", {}), ("verify", "loss", {"step": 1200, "loss": 0.25})], "step 1,200 · loss 0.25"),
        ([("verify", "failed", {}), ("repair", "a smaller batch", {})], "Checking the style"),
        ([("retrieve", "5 vetted patterns", {}), ("explain", *TOKEN[1:])], "Writing an explanation"),
        ([("verify", "failed", {}), ("repair", *TOKEN[1:])], "Mending it"),
        ([("design", "cnn", {}), ("compete", *TOKEN[1:])], "Writing several drafts"),
        ([("compete", "2 of 2 came to an end", {"files": {}})], "Writing the answer"),
    ],
)
def test_the_heading_says_what_goes_on_now(events: list, expected: str) -> None:
    assert expected in heading(after(*events))


def test_a_models_text_grows_while_it_writes_and_goes_when_its_files_are_there() -> None:
    progress = after(TOKEN, ("draft", "token", {"text": " as t", "candidate": 0}))
    assert progress.writing.texts == {0: "import torch as t"}
    assert "import torch as t" in progress_messages(progress)[-1]["content"]
    assert advance(progress, Event(step="draft", message="3 files")).writing is None
    assert after(TOKEN, ("repair", "token", {"text": "x", "candidate": 0})).writing.texts == {0: "x"}


def test_what_was_written_stays_to_be_read_where_a_question_was_stopped() -> None:
    stopped = after(TOKEN).model_copy(update={"problem": "Stopped."})
    *_, written, problem = progress_messages(stopped)
    assert "import torch" in written["content"] and written["metadata"]["status"] == "done"
    assert problem["content"] == r"Stopped\."


def test_several_drafts_are_written_side_by_side_until_each_has_its_verdict() -> None:
    both = [("compete", "token", {"text": f"draft {n}", "candidate": n}) for n in (1, 0)]
    assert [message["metadata"]["title"] for message in progress_messages(after(*both))[1:]] == [
        "Draft 1 is writing: 2 words",
        "Draft 2 is writing: 2 words",
    ]
    one = after(*both, ("compete", "candidate", {"candidate": 0, "verified": False}))
    assert list(one.writing.texts) == [1] and one.steps[-1].message == "draft 1: not verified"


def test_a_text_without_end_is_kept_as_its_last_part() -> None:
    progress = after(*[("draft", "token", {"text": "x" * 15_000 + str(n), "candidate": 0}) for n in range(3)])
    assert len(progress.writing.texts[0]) == OUTPUT_KEPT and progress.writing.texts[0].endswith("2")


@pytest.mark.parametrize("text", ["```\nx\n```", "````md\n```py\n```\n````", "<b>no</b>", "`" * 7, ""])
def test_no_fence_in_a_models_text_ends_the_block_that_shows_it(text: str) -> None:
    first, *lines, last = as_code(text).split("\n")
    assert "\n".join(lines) == text
    assert set(last) == {"`"} and first == f"{last}text" and last not in text


def test_text_of_others_is_escaped() -> None:
    assert plain("<b>*x*</b>") == r"\<b\>\*x\*\</b\>"
    table = checks_html([{"id": "<i>", "status": "failed", "message": "<script>"}])
    assert "<script>" not in table and "<i>" not in table and "&lt;script&gt;" in table


@pytest.mark.parametrize("remarks", [[], ["the model failed"]])
def test_an_answer_as_it_is_written_is_folded_below_its_verdict_and_notes(remarks: list[str]) -> None:
    design = [DesignChoice(name="dropout", value="0.5", reason="as asked")]
    response = PythonMLDLResponse(
        request_id="r", status="partial", execution_time_seconds=1, outcome="not_verified", thread_id="t", answer="",
        drafter="embedded", framework="pytorch", design=design, remarks=remarks,
    )  # fmt: skip
    verdict, report, costs = answer_messages(project_in_markdown(response, None, None))
    assert all(remark in verdict["content"] for remark in remarks)
    assert "dropout" in report["content"] and report["metadata"]["title"] == "Full report"
    assert "No model was asked" in costs["content"]


def test_only_the_verdict_of_a_project_stands_unfolded() -> None:
    verdict, report = answer_messages("**Verified.** 97%.\n\nDesign:\n\n- cnn")
    assert verdict["content"] == "**Verified.** 97%." and report["metadata"]["status"] == "done"
    assert len(answer_messages("**Clip gradients** so.\n\n```python\nx\n```")) == 1


def test_what_went_otherwise_and_what_it_cost_stand_unfolded() -> None:
    top, cost = "**Verified.** 97%.\n\nNote:\n\n- the model failed", "*Drafted by m.*\n\n*m was asked 3 times.*"
    text = f"{top}\n\nDesign:\n\n- cnn\n\n{cost}"
    shown = [message["content"] for message in answer_messages(text) if "metadata" not in message]
    assert shown == [top, cost]
    assert "".join(message["content"] for message in answer_messages(text)).count("cnn") == 1


def test_the_figures_name_the_model_and_what_it_used() -> None:
    answer = PythonMLDLResponse(
        request_id="1", status="success", execution_time_seconds=2.0, outcome="explained", answer="x", model="m-7b"
    )
    assert "Model" not in figures(answer) and "Cost" not in figures(answer)
    used = Usage(calls=2, input_tokens=12_345, output_tokens=67, estimated=True, cost=0.0123, seconds=4.2)
    shown = figures(answer.model_copy(update={"usage": used}))
    assert shown["Model"] == "m-7b" and shown["Tokens in"] == "about 12,345" and shown["Cost"] == "0.0123"


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
