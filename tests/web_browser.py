"""A real browser for the tests of the page, and what somebody does in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
NEEDS_BROWSER = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium: sudo apt-get install chromium"),
    # Gradio's queue sets an option that this pandas is about to drop.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

ATTACK = "<img src=x onerror='window.attacked = 1'><script>window.attacked = 1</script>"


@contextmanager
def open_browser() -> Iterator[Any]:
    """The browser, for as long as the context is open."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


def visit(context: Any, url: str) -> Any:
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.requested = []
    page.received = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("response", lambda response: page.received.append(response.url))
    page.goto(url)
    page.get_by_label("Your question").wait_for()
    return page


def ask(page: Any, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Submit").click()


def open_tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()
