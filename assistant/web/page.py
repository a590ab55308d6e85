"""The page: its parts, and what changes them. What they show comes from assistant.web.chat and content."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import gradio as gr
from starlette.middleware import Middleware

from assistant.app import Assistant
from assistant.errors import RequestError
from assistant.schema import PythonMLDLResponse
from assistant.web import chat
from assistant.web.changes import (
    Changes,
    answer_changes,
    busy_changes,
    code_update,
    curve_of,
    empty_changes,
    progress_changes,
    write_archive,
)
from assistant.web.layout import DRAFTERS, FRAMEWORKS, Parts, lay_out, theme
from assistant.web.policy import ContentPolicy
from assistant.web.progress import Progress
from assistant.web.work import BUSY, Desk, Work, follow

MAX_UPLOAD = "64mb"
NAME_COMPOSER = "() => document.querySelector('#composer textarea').setAttribute('aria-label', 'Your question')"
"""Gradio shows the label of this one part to no screen reader."""
KEPT_S = 24 * 3600
"""How long uploads and archives are kept."""


def build_page(desk: Desk) -> gr.Blocks:
    """The page on which several people can ask at once, each in a conversation of their own."""
    with gr.Blocks(
        title="gradproof", analytics_enabled=False, fill_width=True, delete_cache=(KEPT_S // 24, KEPT_S)
    ) as page:
        endpoint = desk.assistant.settings.endpoint()
        parts = lay_out(model=endpoint.model if endpoint else None)
        _wire(page, parts, desk)
    return page


@contextmanager
def open_page(assistant: Assistant, *, host: str, port: int) -> Iterator[str]:
    """Serve the page for as long as the context is open; gives its address. RequestError where that cannot be used."""
    port = usable_port(host, port)
    desk = Desk(assistant)
    try:
        page = build_page(desk)
        _, url, _ = page.queue(default_concurrency_limit=None).launch(
            server_name=host,
            server_port=port,
            theme=theme(),
            css_paths=Path(__file__).with_name("page.css"),
            app_kwargs={"middleware": [Middleware(ContentPolicy)]},
            max_file_size=MAX_UPLOAD,
            footer_links=[],
            run_history=False,
            share=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            prevent_thread_lock=True,
            quiet=True,
        )
        yield url
    finally:
        desk.close()
        page.close(verbose=False)


def usable_port(host: str, port: int) -> int:
    """The port, or a free one for 0. RequestError where the address cannot be used."""
    try:
        with socket.create_server((host, port)) as probe:
            return probe.getsockname()[1]
    except OSError as error:
        reason = error.strerror.partition(" (")[0]
        raise RequestError(f"{host}:{port} cannot be served on ({reason}); give another --host or --port") from error


class Conversation:
    """What the page does when something is pressed."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self._parts = parts
        self._desk = desk

    async def ask(
        self, message: dict[str, Any], framework: str, drafter: str, thread: Any, past: list[chat.Message]
    ) -> AsyncIterator[Changes]:
        """Work on a question, and show how it goes."""
        thread = valid_thread(thread)
        files = [Path(file) for file in message["files"]]
        past = [*past, chat.question_message(message["text"], (file.name for file in files))]
        chosen = {"framework": FRAMEWORKS[framework], "drafter": DRAFTERS[drafter]}
        work = self._desk.start(thread, message["text"], attachments=files, **chosen)
        if work is None:
            yield {self._parts.chat: [*past, *chat.answer_messages(BUSY)]}
            return
        async for changes in self._show(work, thread, past):
            yield changes

    async def ask_example(
        self, example: gr.SelectData, framework: str, drafter: str, thread: Any
    ) -> AsyncIterator[Changes]:
        """Examples are offered where a conversation begins."""
        async for changes in self.ask({"text": example.value["text"], "files": []}, framework, drafter, thread, []):
            yield changes

    async def restore(self, thread: Any) -> AsyncIterator[Changes]:
        """The browser's conversation, as far as it has come; a question may be asked meanwhile."""
        thread = valid_thread(thread)
        past = chat.history_messages(await asyncio.to_thread(self._desk.assistant.history, thread))
        if work := self._desk.running(thread):
            if not past or past[-1]["role"] != "user":
                past = [*past, chat.question_message(work.progress.question)]
            async for changes in self._show(work, thread, past):
                yield changes
        elif past:
            answer = await asyncio.to_thread(self._desk.assistant.last_answer, thread)
            yield {self._parts.past: past, self._parts.chat: past} | await self._project(thread, answer)
        else:
            # The first question names the conversation; a name given here could come later and part it from its run.
            yield gr.skip()

    async def _show(self, work: Work, thread: str, past: list[chat.Message]) -> AsyncIterator[Changes]:
        parts, known = self._parts, Progress(question="")
        yield {parts.thread: thread, parts.past: past} | busy_changes(parts, busy=True) | empty_changes(parts)
        async for progress in follow(work):
            messages = [*past, *chat.progress_messages(progress)]
            yield {parts.chat: messages, parts.past: messages if progress.ended else past} | progress_changes(
                parts, progress, known
            )
            known = progress
        yield busy_changes(parts, busy=False) | (await self._project(thread, known.answer) if known.answer else {})

    async def _project(self, thread: str, answer: PythonMLDLResponse | None) -> Changes:
        archive = await asyncio.to_thread(write_archive, self._desk.assistant, thread, answer)
        return answer_changes(self._parts, answer, archive)

    def stop(self, thread: Any) -> Changes:
        """End the run; the page goes on when it has ended."""
        self._desk.stop(valid_thread(thread))
        return {self._parts.stop: gr.update(value="Stopping…", interactive=False)}

    def begin(self, thread: Any) -> Changes:
        """A new conversation; what the old one was working on ends."""
        self._desk.stop(valid_thread(thread))
        fresh = {self._parts.thread: valid_thread(None), self._parts.past: [], self._parts.chat: []}
        return fresh | busy_changes(self._parts, busy=False) | empty_changes(self._parts)


def _wire(page: gr.Blocks, parts: Parts, desk: Desk) -> None:
    does = Conversation(parts, desk)
    shown = list(parts.everything())
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    options = [parts.framework, parts.drafter, parts.thread]
    running = [
        parts.composer.submit(does.ask, [parts.composer, *options, parts.past], shown, **quiet),
        parts.chat.example_select(does.ask_example, options, shown, **quiet),
        page.load(does.restore, parts.thread, shown, **quiet),
    ]
    page.load(None, js=NAME_COMPOSER)
    parts.stop.click(does.stop, parts.thread, parts.stop, queue=False, **quiet)
    parts.begin.click(does.begin, parts.thread, shown, cancels=running, queue=False, **quiet)
    parts.file.change(code_update, [parts.file, parts.files], parts.code, **quiet)
    parts.scalar.change(curve_of, [parts.scalar, parts.scalars], parts.scalar_plot, **quiet)


def valid_thread(thread: Any) -> str:
    """The browser's conversation, or a new one where what it sent is none: the name becomes part of a path."""
    return thread if isinstance(thread, str) and re.fullmatch(r"[0-9a-f]{32}", thread) else uuid4().hex
