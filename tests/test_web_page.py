"""The page in a real browser, over real HTTP. The assistant behind it is scripted, so that what happens is known."""

import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from web_browser import ATTACK, NEEDS_BROWSER, ask, open_browser, open_tab, visit

from assistant.app import Assistant, Event
from assistant.errors import RequestError
from assistant.schema import Attempt, CreatedFile, Deliverables, LintReport, PythonMLDLResponse, ResponseMetrics
from assistant.settings import Settings
from sandbox.report import CheckResult, Metrics, RunReport, Validation

pytestmark = NEEDS_BROWSER

BEACON = "http://192.0.2.1/beacon.png"
FILES = {"data.py": "SPLITS = 3\n", "model.py": "class Net:\n    layers = 2\n", "README.md": f"# Digits\n\n{ATTACK}\n"}
CURVE = [(step, 2.0 / (step + 1)) for step in range(40)]
CHECKS = [
    CheckResult(id="forward", status="passed", message="(64, 1, 8, 8) became (64, 10)"),
    CheckResult(id="train", status="failed", message=f"the loss is {ATTACK}"),
    CheckResult(id="tests", status="skipped", message="not reached"),
]


def scripted_answer(question: str, thread_id: str) -> PythonMLDLResponse:
    report = RunReport(
        status="passed",
        framework="pytorch",
        path="train.py",
        checks=CHECKS,
        validation=Validation(),
        metrics=Metrics(),
        wall_s=1.0,
        loss_curve=CURVE,
        scalars={"loss/train": CURVE, "accuracy/validation": [(epoch, epoch / 9) for epoch in range(9)]},
        stdout=f"epoch 1 {ATTACK}\n",
    )
    created = [
        CreatedFile(path=name, type="utils", lines_of_code=1, content=text, bytes=len(text))
        for name, text in FILES.items()
    ]
    return PythonMLDLResponse(
        request_id="0123456789ab",
        status="success",
        execution_time_seconds=1.5,
        outcome="verified",
        thread_id=thread_id,
        framework="pytorch",
        answer=f"**Verified.** Answer to {question}. {ATTACK} ![]({BEACON})\n\nDesign:\n\n- everything else",
        deliverables=Deliverables(files_created=created),
        metrics=ResponseMetrics(
            num_parameters=21034, flops=1234567, peak_memory_mb=412.0, evaluation={"accuracy": 0.9672}
        ),
        attempts=[Attempt(n=1, lint=LintReport(passed=True), verify=report)],
        best_attempt=1,
    )


class ScriptedAssistant:
    """Answers at once, or only when it is told to stop where the question says "forever"."""

    settings = Settings(_env_file=None)

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, list[bytes]]] = []
        self.stopped: list[str] = []
        self.gate = threading.Event()
        self._messages: dict[str, list[tuple[str, str]]] = {}
        self._answers: dict[str, PythonMLDLResponse] = {}

    def last_answer(self, thread_id: str) -> PythonMLDLResponse | None:
        return self._answers.get(thread_id)

    def history(self, thread_id: str) -> list[tuple[str, str]]:
        return list(self._messages.get(thread_id, []))

    def project_files(self, thread_id: str) -> dict[str, str | bytes]:
        assert thread_id in self._answers
        return {**FILES, "data/rows.npz": b"\x00\x01"}

    def stream(
        self,
        question: str,
        *,
        thread_id: str,
        cancel: threading.Event,
        framework: str | None,
        drafter: str,  # noqa: ARG002
        attachments: list[Path],
    ) -> Iterator[Event]:
        self.asked.append((question, framework, [path.read_bytes() for path in attachments]))
        if not question.strip():
            raise RequestError("the question is empty; say what to train")
        if question == "crash":
            raise ZeroDivisionError("a secret of the server")
        self._messages.setdefault(thread_id, []).append(("human", question))
        yield Event(step="understand", message="training in pytorch")
        yield Event(step="lint", message="clean", data={"files": FILES})
        for step, loss in CURVE:
            yield Event(step="verify", message="loss", data={"step": step, "loss": loss})
        while "forever" in question:
            if cancel.wait(0.05):
                self.stopped.append(question)
                yield Event(step="verify", message="error", data={"checks": []})
                return
        if "gated" in question:
            self.gate.wait(30)
        for check in CHECKS:
            yield Event(step="verify", message="check", data=check.model_dump())
        answer = self._answers[thread_id] = scripted_answer(question, thread_id)
        self._messages[thread_id].append(("ai", answer.answer))
        yield Event(step="answer", message="", answer=answer)


@pytest.fixture(scope="module")
def scripted() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture(scope="module")
def url(scripted: ScriptedAssistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        from assistant.web.page import open_page

        with open_page(scripted, host="127.0.0.1", port=0) as address:
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """One browser profile for all tests, so that the page's own scripts are loaded once."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: Any, url: str) -> Iterator[Any]:
    """The page as somebody sees it who was never there."""
    page = visit(context, url)
    yield page
    page.evaluate("localStorage.clear()")
    page.close()


def test_an_answer_comes_with_its_steps_verdict_and_report(page: Any) -> None:
    ask(page, "train on digits")
    page.get_by_text("Answer to train on digits").wait_for()
    page.get_by_text("2 steps").click()
    page.get_by_text("training in pytorch").wait_for()
    page.get_by_text("Full report").click()
    page.get_by_text("everything else").wait_for()
    assert page.locator("#status").inner_text().split() == ["Verified", "accuracy", "0.9672"]


def test_files_can_be_read_one_by_one(page: Any) -> None:
    ask(page, "train on digits")
    page.get_by_text("Answer to").wait_for()
    open_tab(page, "Files")
    page.get_by_text("class Net:").wait_for()
    page.get_by_label("data.py").check()
    page.get_by_text("SPLITS = 3").wait_for()
    page.get_by_label("README.md").check()
    page.get_by_text("window.attacked").first.wait_for()


def test_the_check_table_says_what_passed_failed_and_was_skipped(page: Any) -> None:
    ask(page, "train on digits")
    page.get_by_text("Answer to").wait_for()
    open_tab(page, "Checks")
    rows = [
        row.inner_text().split("\t")[:2] for row in page.get_by_role("table", name="Checks").locator("tbody tr").all()
    ]
    assert rows == [["✓", "forward"], ["✗", "train"], ["–", "tests"]]


def test_the_loss_curve_is_drawn_while_the_program_runs(page: Any) -> None:
    ask(page, "forever, please")
    page.locator("#losses canvas, #losses svg.marks").wait_for()
    assert page.get_by_text("Running it in the sandbox").first.is_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()


def test_figures_and_recorded_curves_are_shown(page: Any) -> None:
    ask(page, "train on digits")
    page.get_by_text("Answer to").wait_for()
    open_tab(page, "Training")
    page.locator("#scalar-plot canvas, #scalar-plot svg.marks").wait_for()
    assert page.locator("#scalar input").input_value() == "accuracy/validation"
    open_tab(page, "Figures")
    figures = page.locator("dl.figures").inner_text()
    assert all(figure in figures for figure in ("21,034", "1,234,567", "412 MB", "0.9672"))


def test_the_project_is_offered_as_a_zip(page: Any) -> None:
    ask(page, "train on digits")
    page.get_by_text("Answer to").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download project").click()
    with ZipFile(BytesIO(Path(download.value.path()).read_bytes())) as archive:
        files = {
            Path(name).relative_to("gradproof-01234567").as_posix(): archive.read(name) for name in archive.namelist()
        }
    assert files["model.py"].decode() == FILES["model.py"]
    assert files["data/rows.npz"] == b"\x00\x01"
    assert b'"outcome": "verified"' in files["gradproof.json"]


def test_stop_ends_the_run_and_the_next_question_is_answered(page: Any, scripted: ScriptedAssistant) -> None:
    ask(page, "train forever")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()
    assert "train forever" in scripted.stopped
    ask(page, "a short one")
    page.get_by_text("Answer to a short one").wait_for()


def test_the_conversation_and_its_project_come_back_after_a_reload(page: Any) -> None:
    ask(page, "keep this")
    page.get_by_text("Answer to keep this").wait_for()
    page.reload()
    page.get_by_text("Answer to keep this").wait_for()
    assert page.get_by_text("Full report").is_visible()
    page.get_by_text("class Net:").wait_for()
    assert page.get_by_role("button", name="Download project").is_enabled()


def test_a_question_goes_on_through_a_reload(page: Any, scripted: ScriptedAssistant) -> None:
    scripted.gate.clear()
    ask(page, "gated one")
    page.get_by_text("Running it in the sandbox").first.wait_for()
    page.reload()
    page.get_by_text("Running it in the sandbox").first.wait_for()
    scripted.gate.set()
    page.get_by_text("Answer to gated one").wait_for()
    assert page.locator("#chat").get_by_text("gated one", exact=True).count() == 1


def test_two_people_ask_at_once_and_see_only_their_own(
    browser: Any, url: str, page: Any, scripted: ScriptedAssistant
) -> None:
    other = visit(browser.new_context(), url)
    scripted.gate.clear()
    ask(page, "gated mine")
    ask(other, "yours")
    other.get_by_text("Answer to yours").wait_for()
    scripted.gate.set()
    page.get_by_text("Answer to gated mine").wait_for()
    assert other.get_by_text("mine").count() == page.get_by_text("yours").count() == 0
    other.context.close()


def test_a_new_conversation_starts_empty_and_stays_so_after_a_reload(page: Any) -> None:
    ask(page, "the old one")
    page.get_by_text("Answer to the old one").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("What shall we train?").wait_for()
    page.reload()
    page.get_by_text("What shall we train?").wait_for()
    time.sleep(0.5)
    assert page.get_by_text("the old one").count() == 0
    assert page.get_by_role("button", name="Download project").is_disabled()


def test_an_error_is_one_sentence_in_the_chat(page: Any) -> None:
    ask(page, " ")
    page.get_by_text("the question is empty; say what to train").wait_for()


def test_a_fault_of_gradproof_shows_no_traceback(page: Any, caplog: pytest.LogCaptureFixture) -> None:
    ask(page, "crash")
    page.get_by_text("it is not your fault").wait_for()
    assert "ZeroDivisionError" not in page.content() and "a secret of the server" not in page.content()
    assert "a secret of the server" in caplog.text


def test_an_attached_file_and_the_framework_reach_the_assistant(
    page: Any, scripted: ScriptedAssistant, tmp_path: Path
) -> None:
    data = tmp_path / "churn.csv"
    data.write_text("a,b\n1,2\n", encoding="utf-8")
    page.locator("#composer input[type=file]").set_input_files(data)
    page.locator("#composer").get_by_text("churn.csv").or_(page.locator("#composer .thumbnail-item")).first.wait_for()
    page.get_by_role("radio", name="Keras").check()
    ask(page, "predict churn")
    page.get_by_text("Answer to predict churn").wait_for()
    assert scripted.asked[-1] == ("predict churn", "tensorflow", [b"a,b\n1,2\n"])
    assert page.locator("#chat").get_by_text("churn.csv").is_visible()


def test_an_example_is_asked_with_one_click(page: Any) -> None:
    page.get_by_text("How do I clip gradients").click()
    page.get_by_text("Answer to How do I clip gradients").wait_for()


def test_text_of_programs_and_models_stays_inert_and_nothing_else_is_asked(page: Any, url: str) -> None:
    ask(page, f"what of {ATTACK}")
    page.get_by_text("Answer to what of").wait_for()
    for tab in ("Checks", "Figures", "Output", "Training", "Files"):
        open_tab(page, tab)
        time.sleep(0.2)
    page.get_by_label("README.md").check()
    time.sleep(0.5)
    assert page.evaluate("window.attacked") is None
    outside = [address for address in page.requested if not address.startswith((url, "data:", "blob:"))]
    assert set(outside) <= {BEACON}
    assert BEACON not in page.received


def test_nothing_is_cut_off_on_a_phone(browser: Any, url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = visit(context, url)
    ask(page, "train on digits")
    page.get_by_text("Answer to").wait_for()
    open_tab(page, "Checks")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_real_assistant_proves_a_project_on_the_page(context: Any, assistant: Assistant) -> None:
    from assistant.web.page import open_page

    with open_page(assistant, host="127.0.0.1", port=0) as address:
        page = visit(context, address)
        ask(page, "Train a small MLP in PyTorch on the iris data for 20 epochs")
        page.get_by_text("Verified.", exact=True).wait_for(timeout=180_000)
        open_tab(page, "Checks")
        table = page.get_by_role("table", name="Checks").inner_text()
        assert "✓\tforward" in table and "✗" not in table
        with page.expect_download() as download:
            page.get_by_role("button", name="Download project").click()
        with ZipFile(download.value.path()) as archive:
            assert {"train.py", "gradproof.json"} <= {Path(name).name for name in archive.namelist()}
        page.close()


def test_an_address_in_use_is_said_in_one_sentence(url: str, scripted: ScriptedAssistant) -> None:
    from assistant.web.page import open_page

    port = int(url.rstrip("/").rpartition(":")[2])
    with (
        pytest.raises(RequestError, match="give another --host or --port"),
        open_page(scripted, host="127.0.0.1", port=port),
    ):
        pass
