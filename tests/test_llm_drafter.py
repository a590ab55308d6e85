"""The model drafter: from replies to drafts, asking again a bounded number of times."""

import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
from llm_briefs import FACTS, HELPER, TRAIN, ScriptedModel, fence, make_brief, make_failure
from model_server import ModelServer, Says

from assistant import Assistant
from assistant.drafters.llm.changes import change_note
from assistant.drafters.llm.checks import CHECKS
from assistant.drafters.llm.drafter import LLMDrafter
from assistant.drafters.llm.exchange import joined
from assistant.drafters.llm.facts import runtime_facts
from assistant.errors import ModelUnavailable, UnusableAnswer
from assistant.gate import lint_draft, prove
from assistant.model.client import Model
from assistant.model.schema import Budget, Meter, Reply, Usage
from assistant.model.session import Session
from assistant.request.attachments import Attachment
from assistant.schema import Framework
from sandbox.base import Sandbox
from sandbox.runtime import installed

FIXED = TRAIN.replace("nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))", "nn.Linear(4, 3)")
PROJECT = "A small network.\n\n" + fence("train.py", TRAIN) + "\n" + fence("tests/test_project.py", "def test(): ...\n")


def edit(old: str, new: str, path: str = "train.py") -> str:
    return f"```python {path}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n"


GOOD_EDIT = edit(
    "model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))",
    "model = nn.Linear(4, 3)",
)
BAD_EDIT = edit("model = nn.Sequential(nn.Linear(9, 9), Softmax)", "model = nn.Linear(4, 3)")


def cut(text: str, ended: str = "length") -> Reply:
    return Reply.model_validate({"text": text, "ended": ended, "usage": Usage(calls=1)})


def drafter(model: ScriptedModel) -> LLMDrafter:
    return LLMDrafter(model, runtime=lambda _framework: FACTS)  # type: ignore[arg-type]


def test_a_draft_holds_the_files_of_the_reply_and_the_words_around_them() -> None:
    model, told = ScriptedModel(PROJECT), []
    session = Session(on_text=told.append)
    draft = drafter(model).draft(make_brief(), session)
    assert draft.files == {"train.py": TRAIN, "tests/test_project.py": "def test(): ...\n"}
    assert (draft.entry, draft.drafter, draft.remarks) == ("train.py", "llm", [])
    assert "A small network." in draft.prose
    assert told == [PROJECT]
    assert model.options[0]["meter"] is session.meter
    assert model.options[0]["cancel"] is session.cancel


def test_a_reply_that_does_as_the_prompt_says_passes_the_gate(assistant: Assistant, sandbox: Sandbox) -> None:
    reply = Path("tests/data/replies/digits_cnn.md").read_text(encoding="utf-8")
    brief = make_brief()
    draft = drafter(ScriptedModel(reply)).draft(brief, Session())
    draft, report = lint_draft(draft, brief.request, assistant.installed("pytorch"))
    assert report.diagnostics == []
    seen = prove(draft, brief.request, sandbox, time_limit_s=120.0, on_event=lambda *_: None, cancel=None)
    assert {one.id: one.status for one in seen.checks if one.status != "passed"} == {}
    assert {one.id for one in seen.checks} <= set(CHECKS)


def test_an_answer_without_files_is_asked_for_once_more_and_precisely() -> None:
    model = ScriptedModel("Sure! I would start with a CNN.", PROJECT)
    assert "train.py" in drafter(model).draft(make_brief(), Session()).files
    first, again = model.asked
    assert again[: len(first)] == first
    assert again[-2].content == "Sure! I would start with a CNN."
    assert "no file in your answer" in again[-1].content


def test_two_answers_without_files_are_an_error_that_names_the_model() -> None:
    model = ScriptedModel("No.", "Still no.")
    with pytest.raises(ModelUnavailable, match="'tiny' answered twice without a usable file"):
        drafter(model).draft(make_brief(), Session())
    assert len(model.asked) == 2


@pytest.mark.parametrize("repairs", [False, True])
def test_answers_that_all_break_off_are_the_connections_fault_and_not_the_models(repairs: bool) -> None:
    model = ScriptedModel(*[cut("Sure, ", "cut")] * 3)
    writer = drafter(model)
    with pytest.raises(ModelUnavailable, match="connection to the model endpoint") as raised:
        writer.repair(make_brief(), make_failure(), Session()) if repairs else writer.draft(make_brief(), Session())
    assert not isinstance(raised.value, UnusableAnswer)


@pytest.mark.parametrize("repairs", [False, True])
def test_an_answer_without_an_end_is_not_asked_for_again(repairs: bool) -> None:
    model = ScriptedModel(*[cut("blah blah ", "overlong")] * 3)
    writer = drafter(model)
    with pytest.raises(UnusableAnswer, match="'tiny' went on without an end"):
        writer.repair(make_brief(), make_failure(), Session()) if repairs else writer.draft(make_brief(), Session())
    assert len(model.asked) == 1


def test_an_answer_with_several_scripts_is_asked_which_one_trains() -> None:
    two = fence("a.py", TRAIN) + fence("b.py", TRAIN)
    model = ScriptedModel(two, PROJECT)
    drafter(model).draft(make_brief(), Session())
    assert "which file trains" in model.asked[1][-1].content


@pytest.mark.parametrize("at", [40, 97, 150, 260, 331])
@pytest.mark.parametrize("seam", ["exact", "last line again", "fence opened again", "from the beginning"])
def test_an_answer_cut_off_by_its_length_is_gone_on_with_and_joined(at: int, seam: str) -> None:
    first, rest = PROJECT[:at], PROJECT[at:]
    line = first.rpartition("\n")[2]
    rest = {
        "exact": rest,
        "last line again": line + rest,
        "fence opened again": f"```python train.py\n{line}{rest}",
        "from the beginning": PROJECT,
    }[seam]
    model = ScriptedModel(cut(first), rest)
    draft = drafter(model).draft(make_brief(), Session())
    assert draft.files["train.py"] == TRAIN
    assert "Go on exactly where it stopped" in model.asked[1][-1].content


def test_code_that_repeats_itself_at_the_seam_is_not_taken_for_an_overlap() -> None:
    assert "(\n    1,\n    1,\n)" in joined("```python train.py\nx = f(\n    1,\n", "    1,\n)\n```\n")


def test_lines_that_were_said_twice_at_the_seam_are_taken_once() -> None:
    line = "    loss = criterion(model(inputs), targets)\n"
    assert joined(f"```python train.py\n{line}", f"{line}    loss.backward()\n```\n").count(line) == 1


def test_an_entry_that_broke_off_is_asked_for_again_shorter() -> None:
    model = ScriptedModel(cut(fence("helper.py", HELPER) + "```python train.py\nimport tor", "cut"), PROJECT)
    assert drafter(model).draft(make_brief(), Session()).files["train.py"] == TRAIN
    assert "broke off inside train.py" in model.asked[1][-1].content


def test_a_fence_that_was_only_forgotten_is_no_reason_to_ask_again() -> None:
    model = ScriptedModel(f"```python train.py\n{TRAIN}")
    assert drafter(model).draft(make_brief(), Session()).files["train.py"].strip() == TRAIN.strip()


def test_a_comment_in_place_of_code_is_asked_about_once() -> None:
    short = "A network.\n" + fence("train.py", TRAIN.replace("    loss.backward()", "    # ... rest unchanged ..."))
    model = ScriptedModel(short, PROJECT)
    assert drafter(model).draft(make_brief(), Session()).files["train.py"] == TRAIN
    assert "In train.py a comment stands where code belongs" in model.asked[1][-1].content
    assert drafter(ScriptedModel(short, short)).draft(make_brief(), Session()).entry == "train.py"


def test_attached_data_is_not_replaced_by_the_model() -> None:
    data = Attachment(name="a.txt", kind="other", content=b"mine")
    model = ScriptedModel(PROJECT + "\n```text data/a.txt\nforged\n```\n")
    assert "data/a.txt" not in drafter(model).draft(make_brief(attached=[data]), Session()).files


def test_paths_that_lead_out_of_the_project_are_refused_and_said() -> None:
    model = ScriptedModel(PROJECT + fence("../outside.py", "x = 1\n"))
    draft = drafter(model).draft(make_brief(), Session())
    assert not any("outside" in name for name in draft.files)
    assert any("outside" in remark for remark in draft.remarks)


def test_independent_drafts_are_asked_for_differently() -> None:
    asked = []
    for variation in range(3):
        model = ScriptedModel(PROJECT)
        drafter(model).draft(make_brief(), Session(variation=variation))
        asked.append((model.options[0]["temperature"], model.options[0]["seed"], model.asked[0][-1].content))
    assert len({temperature for temperature, _, _ in asked}) == 3
    assert len({seed for _, seed, _ in asked}) == 3


def test_the_reply_is_bounded_by_what_the_window_leaves() -> None:
    model = ScriptedModel(PROJECT, window=9_000)
    drafter(model).draft(make_brief(), Session())
    assert 2048 <= int(str(model.options[0]["max_tokens"])) < 9_000


@pytest.mark.parametrize("answer", [GOOD_EDIT, fence("train.py", FIXED), "It was the softmax.\n" + GOOD_EDIT])
def test_a_repair_is_an_edit_or_a_whole_file(answer: str) -> None:
    draft = drafter(ScriptedModel(answer)).repair(make_brief(), make_failure(), Session())
    assert draft is not None
    assert draft.files == {"train.py": FIXED, "helper.py": HELPER}
    assert draft.note.startswith("For softmax-before-cross-entropy: train.py +1 -1.")


def test_the_note_counts_what_changed_whatever_the_model_claims() -> None:
    claim = "I rewrote helper.py and all tests. They pass.\n"
    draft = drafter(ScriptedModel(claim + GOOD_EDIT)).repair(make_brief(), make_failure(), Session())
    assert draft is not None
    assert draft.note == (
        "For softmax-before-cross-entropy: train.py +1 -1. The model says: I rewrote helper.py and all tests."
    )
    assert change_note({"a.py": "x\n"}, {"b.py": "x\n"}, fault="f", said="") == "For f: a.py removed, b.py added."


def test_an_edit_that_does_not_apply_is_sent_back_once_with_the_reason() -> None:
    model = ScriptedModel(BAD_EDIT, GOOD_EDIT)
    draft = drafter(model).repair(make_brief(), make_failure(), Session())
    assert draft is not None
    assert draft.files["train.py"] == FIXED
    complaint = model.asked[1][-1].content
    assert "not applied" in complaint
    assert "train.py" in complaint
    assert "model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))" in complaint


def test_after_a_second_edit_that_does_not_apply_whole_files_are_demanded() -> None:
    model = ScriptedModel(BAD_EDIT, BAD_EDIT, fence("train.py", FIXED))
    draft = drafter(model).repair(make_brief(), make_failure(), Session())
    assert draft is not None
    assert draft.files["train.py"] == FIXED
    assert "give train.py whole" in model.asked[2][-1].content


def test_what_applied_is_kept_while_the_rest_is_asked_for_again() -> None:
    helped = edit("    return 2 * value", "    return value + value", "helper.py")
    model = ScriptedModel(helped + BAD_EDIT, GOOD_EDIT)
    draft = drafter(model).repair(make_brief(), make_failure(), Session())
    assert draft is not None
    assert draft.files["train.py"] == FIXED
    assert "value + value" in str(draft.files["helper.py"])


def test_a_repair_ends_after_three_calls() -> None:
    model = ScriptedModel(BAD_EDIT, BAD_EDIT, BAD_EDIT, GOOD_EDIT)
    assert drafter(model).repair(make_brief(), make_failure(), Session()) is None
    assert len(model.asked) == 3


@pytest.mark.parametrize("same", [TRAIN, TRAIN.replace("lr=0.1", "lr = 0.1"), "# a comment\n" + TRAIN])
def test_a_repair_that_changes_nothing_is_no_repair(same: str) -> None:
    model = ScriptedModel(*[fence("train.py", same)] * 3)
    assert drafter(model).repair(make_brief(), make_failure(), Session()) is None
    assert "the same as before" in model.asked[1][-1].content


def test_a_repair_without_anything_usable_is_an_error() -> None:
    model = ScriptedModel("I cannot.", "I still cannot.", "No.")
    with pytest.raises(ModelUnavailable, match="without a file or an edit"):
        drafter(model).repair(make_brief(), make_failure(), Session())


def test_a_fresh_repair_is_a_new_project() -> None:
    model = ScriptedModel(fence("train.py", FIXED))
    draft = drafter(model).repair(make_brief(), make_failure(approach="fresh"), Session())
    assert draft is not None
    assert draft.files == {"train.py": FIXED}
    assert "Written anew" in draft.note


def test_attached_data_survives_a_repair() -> None:
    files = {"train.py": TRAIN, "data/a.csv": b"x,y\n1,2\n"}
    data = Attachment(name="a.csv", kind="other", content=b"x,y\n1,2\n")
    answer = GOOD_EDIT + "```csv data/a.csv\nx,y\n0,0\n```\n"
    draft = drafter(ScriptedModel(answer)).repair(make_brief(attached=[data]), make_failure(files), Session())
    assert draft is not None
    assert draft.files == {"train.py": FIXED, "data/a.csv": b"x,y\n1,2\n"}


@pytest.mark.parametrize(("framework", "module"), [("pytorch", "torch"), ("tensorflow", "keras")])
def test_the_modules_named_are_those_that_this_interpreter_has(framework: Framework, module: str) -> None:
    facts = runtime_facts(framework, installed(framework, None))
    assert {module, "numpy", "sklearn"} <= set(facts.modules)
    assert [name for name in facts.modules if find_spec(name) is None] == []
    assert ("torch" in facts.versions) == (framework == "pytorch")


def test_stop_reaches_the_model() -> None:
    model, cancel = ScriptedModel(GOOD_EDIT), threading.Event()
    drafter(model).repair(make_brief(), make_failure(), Session(cancel=cancel))
    assert model.options[0]["cancel"] is cancel


def test_a_real_endpoint_drafts_and_mends_over_http(tmp_path: Path) -> None:
    told: list[str] = []
    meter = Meter(Budget())
    session = Session(meter=meter, on_text=told.append)
    with ModelServer([PROJECT, GOOD_EDIT]) as server, Model(server.endpoint(), home=tmp_path) as model:
        writer = LLMDrafter(model, runtime=lambda _framework: FACTS)
        draft = writer.draft(make_brief(), session)
        mended = writer.repair(make_brief(), make_failure(draft.files), session)
    assert mended is not None
    assert mended.files["train.py"] == FIXED
    assert "".join(told) == PROJECT + GOOD_EDIT
    assert len(told) > 10
    assert meter.usage.calls == 2
    assert "softmax-before-cross-entropy" in server.conversation[1].text


def test_a_stream_that_keeps_breaking_is_asked_for_again_and_its_torn_file_is_not_kept(tmp_path: Path) -> None:
    torn = Says(PROJECT, cut_after=15)
    with (
        ModelServer([torn, torn, PROJECT]) as server,
        Model(server.endpoint(), home=tmp_path, backoff_s=0.01, attempts=2) as model,
    ):
        draft = LLMDrafter(model, runtime=lambda _framework: FACTS).draft(make_brief(), Session())
    assert draft.files["train.py"] == TRAIN
    assert "broke off inside train.py" in server.conversation[-1].text


def test_an_endpoints_limit_of_tokens_is_overcome_by_going_on(tmp_path: Path) -> None:
    script = [Says(PROJECT[:200], finish="length"), PROJECT[200:]]
    with ModelServer(script) as server, Model(server.endpoint(), home=tmp_path) as model:
        draft = LLMDrafter(model, runtime=lambda _framework: FACTS).draft(make_brief(), Session())
    assert draft.files["train.py"] == TRAIN
