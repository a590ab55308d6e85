"""The page with a model at work: a real browser, the real assistant and client, and an endpoint on the loopback."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from model_server import Behaviour, ModelServer, Request, Says, Silent, Status
from pydantic import SecretStr
from web_browser import ATTACK, NEEDS_BROWSER, ask, open_browser, open_tab, visit

from assistant import Assistant, Settings
from assistant.web.work import Desk, Work

pytestmark = NEEDS_BROWSER

KEY = "sk-page-5d2b8e61f0"
BUILD = "classify scikit-learn's digits with a small CNN in PyTorch"
EXPLAIN = "How do I clip gradients when I train with mixed precision in PyTorch?"
RECORD = """
const fetched = window.fetch;
window.received = [];
window.fetch = async (...request) => {
    const response = await fetched(...request);
    const decoder = new TextDecoder();
    const record = chunk => void window.received.push(decoder.decode(chunk, {stream: true}));
    response.clone().body?.pipeTo(new WritableStream({write: record})).catch(() => {});
    return response;
};
"""
"""Keeps all that the page is sent, streams that do not end among it."""
HANG_UP_S = 2.0
"""From the click on Stop until the server sees its connection closed."""


class Script:
    """Reads each question as `kind`, and says `then` to everything else."""

    def __init__(self) -> None:
        self.kind, self.then = "explain", Says("nothing yet")

    def __call__(self, request: Request) -> Behaviour | str:
        if "response_format" in request.body:
            return json.dumps({"kind": self.kind, "fields": [], "unplanned": [], "question_back": None})
        return self.then


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def server(script: Script) -> Iterator[ModelServer]:
    with ModelServer(script) as started:
        yield started


@pytest.fixture(scope="module")
def url(assistant: Assistant, server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of an assistant with a model; index and sandbox are the shared ones."""
    model = {"model": server.model, "openai_base_url": server.url, "openai_api_key": SecretStr(KEY)}
    settings = Settings(
        home=tmp_path_factory.mktemp("home"), price_input=1.0, price_output=2.0, _env_file=None, **model
    )
    with pytest.MonkeyPatch.context() as patch, Assistant(settings) as opened:
        opened.open_index, opened.open_sandbox = assistant.open_index, assistant.open_sandbox  # type: ignore[method-assign]
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        from assistant.web.page import open_page

        with open_page(opened, host="127.0.0.1", port=0) as address:
            yield address


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    with open_browser() as browser:
        yield browser.new_context(viewport={"width": 1360, "height": 900})


@pytest.fixture
def page(context: Any, url: str, server: ModelServer) -> Iterator[Any]:
    server.requests.clear()
    page = visit(context, url)
    yield page
    page.evaluate("localStorage.clear()")
    page.close()


def stop(page: Any, request: Request) -> float:
    """Press Stop; seconds until the server sees the connection closed."""
    page.get_by_role("button", name="Stop").click()
    pressed = time.monotonic()
    assert request.hung_up.wait(10)
    return request.hung_up_at - pressed


def last_asked(server: ModelServer) -> Request:
    """What is being asked now, once it is asked."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if (asked := server.conversation) and "response_format" not in asked[-1].body:
            return asked[-1]
        time.sleep(0.02)
    raise AssertionError("the model was not asked")


def test_an_explanation_appears_while_the_model_writes_it(page: Any, script: Script) -> None:
    script.kind, script.then = (
        "explain",
        Says(f"First, scale the loss. {'Then wait. ' * 40}At last, step.", chunk_s=0.05),
    )
    ask(page, EXPLAIN)
    page.get_by_text("First, scale the loss.").wait_for()
    assert page.get_by_text("Writing an explanation").first.is_visible()
    assert page.get_by_text("The model is writing").is_visible()
    assert page.get_by_text("At last, step.").count() == 0
    page.get_by_text("At last, step.").wait_for()
    page.get_by_text("was asked").wait_for()
    assert page.get_by_text("The model is writing").count() == 0


def test_the_end_of_a_question_shows_who_answered_and_what_it_cost(page: Any, script: Script) -> None:
    script.kind, script.then = "explain", Says(f"Scale the loss, unscale, clip, step. {ATTACK}")
    ask(page, EXPLAIN)
    line = page.locator("#chat").get_by_text("scripted was asked")
    line.wait_for()
    assert "tokens in" in line.inner_text() and "cost 0.0" in line.inner_text()
    open_tab(page, "Figures")
    figures = page.locator("dl.figures").inner_text()
    assert all(word in figures for word in ("Model\nscripted", "Tokens in", "Tokens out", "Cost\n0.0"))
    assert page.evaluate("window.attacked") is None


def test_a_draft_streams_survives_a_reload_and_is_stopped(page: Any, script: Script, server: ModelServer) -> None:
    script.kind, script.then = "build", Says(f"```train.py\n# {ATTACK}\nimport torch\n", endless=True, chunk_s=0.02)
    ask(page, BUILD)
    page.get_by_text("import torch").first.wait_for()
    page.reload()
    page.get_by_text("import torch").first.wait_for()
    assert page.get_by_text("The model is writing").is_visible()
    assert stop(page, last_asked(server)) < HANG_UP_S
    page.get_by_text("Stopped.").wait_for()
    page.get_by_text("until it ended").click()
    page.get_by_text("import torch").first.wait_for()
    assert page.evaluate("window.attacked") is None


def test_stop_hangs_up_on_a_silent_model(page: Any, script: Script, server: ModelServer) -> None:
    script.kind, script.then = "build", Silent()
    ask(page, BUILD)
    assert stop(page, last_asked(server)) < HANG_UP_S
    page.get_by_text("Stopped.").wait_for()
    script.kind, script.then = "explain", Says("Clip after unscaling.")
    ask(page, EXPLAIN)
    page.get_by_text("Clip after unscaling.").first.wait_for()


def test_a_model_that_fails_is_said_and_patterns_answer_in_its_place(page: Any, script: Script) -> None:
    script.kind, script.then = "explain", Status(401, echo_key=True)
    ask(page, EXPLAIN)
    page.get_by_text("Answered from vetted patterns").wait_for()
    note = page.locator("#chat li").filter(has_text="OPENAI_API_KEY")
    assert note.is_visible()


@pytest.mark.parametrize(
    ("kind", "then", "question", "said"),
    [("build", Status(401, echo_key=True), BUILD, "OPENAI_API_KEY"), ("explain", Says("Clip."), EXPLAIN, "was asked")],
    ids=["refused", "answered"],
)
def test_the_key_is_nowhere_on_the_page(
    context: Any, url: str, page: Any, script: Script, kind: str, then: Behaviour, question: str, said: str
) -> None:
    script.kind, script.then = kind, then
    page.add_init_script(RECORD)
    page.reload()
    page.get_by_role("radio", name="Model", exact=True).check()
    ask(page, question)
    page.get_by_text(said).first.wait_for()
    received = page.evaluate("window.received.join('')")
    assert said in received.replace("\\", ""), "what the server sent was not recorded"
    shown = [page.content(), page.evaluate("JSON.stringify(localStorage)"), context.request.get(f"{url}config").text()]
    assert not [text for text in [received, *shown] if KEY in text]


def test_the_embedded_drafter_can_be_chosen_and_asks_no_model(page: Any, script: Script, server: ModelServer) -> None:
    script.kind, script.then = "explain", Says("a model's words")
    page.get_by_role("radio", name="Embedded").check()
    ask(page, EXPLAIN)
    page.get_by_text("No model was asked").wait_for()
    assert not server.conversation


def test_without_a_model_there_is_nothing_to_choose(context: Any, assistant: Assistant) -> None:
    from assistant.web.page import open_page

    with open_page(assistant, host="127.0.0.1", port=0) as address:
        page = visit(context, address)
        assert page.get_by_role("radio", name="Keras").count() == 1
        assert page.get_by_role("radio", name="Embedded").count() == 0
        page.close()


def test_stop_ends_the_wait_for_an_endpoint_that_never_answers(tmp_path: Path) -> None:
    def waited_for_stop(work: Work) -> float:
        ends = time.monotonic() + 10
        while not work.progress.ended and time.monotonic() < ends:
            time.sleep(0.02)
        return 10 - (ends - time.monotonic())

    with ModelServer(probe=lambda _: Silent()) as silent:
        settings = Settings(home=tmp_path, model=silent.model, openai_base_url=silent.url, _env_file=None)
        with Assistant(settings) as opened, closing(Desk(opened)) as desk:
            asking, waiting = desk.start("a", EXPLAIN), desk.start("b", EXPLAIN)
            ends = time.monotonic() + 20
            while not silent.requests and time.monotonic() < ends:
                time.sleep(0.02)
            for name, work in (("b", waiting), ("a", asking)):
                desk.stop(name)
                assert waited_for_stop(work) < HANG_UP_S
                assert work.progress.problem.startswith("Stopped.")
            assert all(request.hung_up.wait(HANG_UP_S) for request in silent.requests)
