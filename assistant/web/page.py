"""The page: its parts, and what changes them. What they show comes from assistant.web.content."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

from assistant.app import Assistant
from assistant.project import RECORD
from assistant.schema import PythonMLDLResponse
from assistant.web import content
from assistant.web.layout import FILES_TAB, FRAMEWORKS, TRAINING_TAB, Parts, lay_out, theme
from assistant.web.policy import ContentPolicy
from assistant.web.work import BUSY, Desk, Progress, Work, follow, last_answer

Changes = dict[Any, Any]

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
        parts = lay_out()
        _wire(page, parts, desk)
    return page


@contextmanager
def open_page(assistant: Assistant, *, host: str, port: int) -> Iterator[str]:
    """Serve the page for as long as the context is open; gives its address. OSError where that cannot be used."""
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
    """The port, or a free one for 0. OSError where it cannot be used, which Gradio says less plainly."""
    with socket.create_server((host, port)) as probe:
        return probe.getsockname()[1]


def _wire(page: gr.Blocks, parts: Parts, desk: Desk) -> None:
    shown = [*parts.everything()]

    async def ask(
        message: dict[str, Any], framework: str, thread: Any, past: list[content.Message]
    ) -> AsyncIterator[Changes]:
        thread = valid_thread(thread)
        files = [Path(file) for file in message["files"]]
        question = content.question_message(message["text"], (file.name for file in files))
        work = desk.start(thread, message["text"], framework=FRAMEWORKS[framework], attachments=files)
        if work is None:
            yield {parts.chat: [*past, question, *content.answer_messages(BUSY)]}
            return
        async for changes in show_work(work, thread, [*past, question]):
            yield changes

    async def ask_example(example: gr.SelectData, framework: str, thread: Any) -> AsyncIterator[Changes]:
        async for changes in ask({"text": example.value["text"], "files": []}, framework, thread, []):
            yield changes

    async def restore(thread: Any) -> AsyncIterator[Changes]:
        thread = valid_thread(thread)
        past = content.history_messages(await asyncio.to_thread(desk.assistant.history, thread))
        if work := desk.running(thread):
            question = content.question_message(work.progress.question)
            async for changes in show_work(
                work, thread, past if past and past[-1]["role"] == "user" else [*past, question]
            ):
                yield changes
        elif past:
            answer = await asyncio.to_thread(last_answer, desk.assistant, thread)
            archive = await asyncio.to_thread(write_archive, desk.assistant, thread, answer)
            yield {parts.thread: thread, parts.past: past, parts.chat: past} | answer_changes(parts, answer, archive)
        else:
            yield {parts.thread: thread}

    async def show_work(work: Work, thread: str, past: list[content.Message]) -> AsyncIterator[Changes]:
        yield {parts.thread: thread, parts.past: past} | busy_changes(parts, busy=True) | empty_changes(parts)
        before = Progress(question="")
        async for progress in follow(work):
            yield {parts.chat: [*past, *content.progress_messages(progress)]} | progress_changes(
                parts, progress, before
            )
            before = progress
        archive = await asyncio.to_thread(write_archive, desk.assistant, thread, before.answer)
        ended = {parts.past: [*past, *content.progress_messages(before)]} | busy_changes(parts, busy=False)
        yield ended | (answer_changes(parts, before.answer, archive) if before.answer else {})

    def stop(thread: Any) -> Changes:
        desk.stop(valid_thread(thread))
        return {parts.stop: gr.update(value="Stopping…", interactive=False)}

    def begin(thread: Any) -> Changes:
        desk.stop(valid_thread(thread))
        fresh = {parts.thread: valid_thread(None), parts.past: [], parts.chat: []}
        return fresh | busy_changes(parts, busy=False) | empty_changes(parts)

    def show_file(name: str | None, files: dict[str, str]) -> Changes:
        return {parts.code: code_update(name, files)}

    def show_scalar(tag: str | None, scalars: dict[str, Any]) -> Changes:
        return {parts.scalar_plot: content_frame(scalars.get(tag or "", []), "value")}

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    asked = gr.on(
        [parts.composer.submit], ask, [parts.composer, parts.framework, parts.thread, parts.past], shown, **quiet
    )
    tried = parts.chat.example_select(ask_example, [parts.framework, parts.thread], shown, **quiet)
    restored = page.load(restore, parts.thread, shown, **quiet)
    page.load(None, js=NAME_COMPOSER)
    parts.stop.click(stop, parts.thread, parts.stop, queue=False, **quiet)
    parts.begin.click(begin, parts.thread, shown, cancels=[asked, tried, restored], queue=False, **quiet)
    parts.file.change(show_file, [parts.file, parts.files], parts.code, **quiet)
    parts.scalar.change(show_scalar, [parts.scalar, parts.scalars], parts.scalar_plot, **quiet)


def valid_thread(thread: Any) -> str:
    """The browser's conversation, or a new one where what it sent is none: the name becomes part of a path."""
    return thread if isinstance(thread, str) and re.fullmatch(r"[0-9a-f]{32}", thread) else uuid4().hex


def busy_changes(parts: Parts, *, busy: bool) -> Changes:
    """What may be pressed while a question is worked on, and while none is."""
    return {
        parts.composer: gr.update(interactive=not busy, **({"value": None} if busy else {})),
        parts.stop: gr.update(visible=busy, value="Stop", interactive=True),
    }


def empty_changes(parts: Parts) -> Changes:
    """The project's side without a project."""
    nothing = answer_changes(parts, None, None)
    return nothing | {parts.losses: content_frame([], "loss"), parts.tabs: gr.update(selected=FILES_TAB)}


def progress_changes(parts: Parts, progress: Progress, before: Progress) -> Changes:
    """What one more piece of knowledge changes on the project's side."""
    changes: Changes = {parts.status: content.status_html(progress, progress.answer)}
    if progress.files is not before.files:
        changes |= files_changes(parts, progress.files)
    if progress.checks is not before.checks:
        changes[parts.checks] = content.checks_html(progress.checks)
    if progress.losses is not before.losses:
        changes[parts.losses] = content_frame(progress.losses, "loss")
    if progress.losses and not before.losses:
        changes[parts.tabs] = gr.update(selected=TRAINING_TAB)
    if progress.output != before.output:
        changes[parts.output] = content.as_on_terminal(progress.output)
    return changes


def answer_changes(parts: Parts, answer: PythonMLDLResponse | None, archive: Path | None) -> Changes:
    """The project's side with an answer's project; with None, without one."""
    report = content.last_report(answer)
    scalars = report.scalars if report else {}
    tag = content.first_scalar(scalars)
    changes: Changes = {
        parts.status: content.status_html(None, answer),
        parts.checks: content.checks_html([check.model_dump() for check in report.checks] if report else []),
        parts.figures: content.figures_html(answer),
        parts.scalars: scalars,
        parts.scalar: gr.update(choices=sorted(scalars), value=tag, visible=bool(scalars)),
        parts.scalar_plot: gr.update(value=content_frame(scalars.get(tag or "", []), "value"), visible=bool(scalars)),
        parts.output: content.as_on_terminal(f"{report.stdout}{report.stderr}") if report else "",
        parts.archive: gr.update(value=archive, interactive=archive is not None),
    }
    if report and report.loss_curve:
        changes[parts.losses] = content_frame(report.loss_curve, "loss")
    return changes | files_changes(parts, content.text_files(answer) if answer else {})


def files_changes(parts: Parts, files: dict[str, str]) -> Changes:
    """The files to choose from, and the first of them."""
    name = content.first_file(files)
    return {
        parts.files: files,
        parts.file: gr.update(choices=list(files), value=name, visible=bool(files)),
        parts.code: code_update(name, files),
    }


def code_update(name: str | None, files: dict[str, str]) -> Any:
    """One file, highlighted."""
    return gr.update(value=files.get(name or "", ""), language=content.language(name), label=name or "Code")


def content_frame(points: list[tuple[int, float]], name: str) -> Any:
    """A curve as the plot wants it."""
    import pandas as pd

    return pd.DataFrame(content.finite(points), columns=["step", name])


def write_archive(assistant: Assistant, thread: str, answer: PythonMLDLResponse | None) -> Path | None:
    """The project of an answer as a zip in Gradio's own folder, which it empties; None where there is no project."""
    if answer is None or not answer.deliverables.files_created:
        return None
    files = {**assistant.project_files(thread), RECORD: answer.model_dump_json(by_alias=True, indent=1)}
    folder = f"gradproof-{answer.request_id[:8]}"
    return Path(save_bytes_to_cache(content.zip_project(files, folder=folder), f"{folder}.zip", get_upload_folder()))
