"""The page with a model at work: a real browser, the real assistant and client, and an endpoint on the loopback."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from model_server import Behaviour, ModelServer, Request, Says, Script, Silent, Status
from pydantic import SecretStr
from web_browser import ATTACK, NEEDS_BROWSER, ask, open_browser, open_tab, visit

from assistant import Assistant
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


@pytest.fixture(scope="module")
def script() -> Script:
    return Script("nothing yet")


@pytest.fixture(scope="module")
def server(script: Script) -> Iterator[ModelServer]:
    with ModelServer(script) as started:
        yield started


@pytest.fixture(scope="module")
def url(
    make_assistant: Callable[..., Assistant], server: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The page of an assistant with a model."""
    given = {"openai_api_key": SecretStr(KEY), "price_input": 1.0, "price_output": 2.0}
    with (
        pytest.MonkeyPatch.context() as patch,
        make_assistant(tmp_path_factory.mktemp("home"), server, **given) as opened,
    ):
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
    page.get_by_role("button", name="Stop", exact=True).click()
    pressed = time.monotonic()
    assert request.hung_up.wait(10)
    return request.hung_up_at - pressed


def last_asked(server: ModelServer) -> Request:
    """What is being asked now, once it is asked."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if (asked := server.conversation) and not asked[-1].is_reading:
            return asked[-1]
        time.sleep(0.02)
    raise AssertionError("the model was not asked")


def test_an_explanation_appears_while_the_model_writes_it(page: Any, script: Script) -> None:
    script.tell(Says(f"First, scale the loss. {'Then wait. ' * 40}At last, step.", chunk_s=0.05), kind="explain")
    ask(page, EXPLAIN)
    page.get_by_text("First, scale the loss.").wait_for()
    assert page.get_by_text("Writing an explanation").first.is_visible()
    assert page.get_by_text("The model is writing").is_visible()
    assert page.get_by_text("At last, step.").count() == 0
    page.get_by_text("At last, step.").wait_for()
    page.get_by_text("was asked").wait_for()
    assert page.get_by_text("The model is writing").count() == 0


def test_the_end_of_a_question_shows_who_answered_and_what_it_cost(page: Any, script: Script) -> None:
    script.tell(Says(f"Scale the loss, unscale, clip, step. {ATTACK}"), kind="explain")
    ask(page, EXPLAIN)
    line = page.locator("#chat").get_by_text("scripted was asked")
    line.wait_for()
    assert "tokens in" in line.inner_text() and "cost 0.0" in line.inner_text()
    open_tab(page, "Figures")
    figures = page.locator("dl.figures").inner_text()
    assert all(word in figures for word in ("Model\nscripted", "Tokens in", "Tokens out", "Cost\n0.0"))
    assert page.evaluate("window.attacked") is None


def test_a_draft_streams_survives_a_reload_and_is_stopped(page: Any, script: Script, server: ModelServer) -> None:
    script.tell(Says(f"```train.py\n# {ATTACK}\nimport torch\n", endless=True, chunk_s=0.02))
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
    script.tell(Silent())
    ask(page, BUILD)
    assert stop(page, last_asked(server)) < HANG_UP_S
    page.get_by_text("Stopped.").wait_for()
    script.tell(Says("Clip after unscaling."), kind="explain")
    ask(page, EXPLAIN)
    page.get_by_text("Clip after unscaling.").first.wait_for()


def test_a_model_that_fails_is_said_and_patterns_answer_in_its_place(page: Any, script: Script) -> None:
    script.tell(Status(401, echo_key=True), kind="explain")
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
    script.tell(then, kind=kind)
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
    script.tell(Says("a model's words"), kind="explain")
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


def test_stop_ends_the_wait_for_an_endpoint_that_never_answers(open_with: Callable[..., Assistant]) -> None:
    def waited_for_stop(work: Work) -> float:
        ends = time.monotonic() + 10
        while not work.progress.ended and time.monotonic() < ends:
            time.sleep(0.02)
        return 10 - (ends - time.monotonic())

    with ModelServer(probe=lambda _: Silent()) as silent, closing(Desk(open_with(silent))) as desk:
        asking, waiting = desk.start("a", EXPLAIN), desk.start("b", EXPLAIN)
        ends = time.monotonic() + 20
        while not silent.requests and time.monotonic() < ends:
            time.sleep(0.02)
        for name, work in (("b", waiting), ("a", asking)):
            desk.stop(name)
            assert waited_for_stop(work) < HANG_UP_S
            assert work.progress.problem.startswith("Stopped.")
        assert all(request.hung_up.wait(HANG_UP_S) for request in silent.requests)
