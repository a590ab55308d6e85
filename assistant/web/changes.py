"""What changes on the page: part -> its new value."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from assistant.app import Assistant
from assistant.project import RECORD
from assistant.schema import PythonMLDLResponse
from assistant.web import content
from assistant.web.layout import FILES_TAB, TRAINING_TAB, Parts
from assistant.web.progress import Progress

Changes = dict[Any, Any]


def busy_changes(parts: Parts, *, busy: bool) -> Changes:
    """What may be pressed while a question is worked on, and while none is."""
    return {
        parts.composer: gr.update(interactive=not busy, **({"value": None} if busy else {})),
        parts.stop: gr.update(visible=busy, value="Stop", interactive=True),
    }


def empty_changes(parts: Parts) -> Changes:
    """The project's side without a project."""
    nothing = answer_changes(parts, None, None)
    return nothing | {parts.losses: curve([], "loss"), parts.tabs: gr.update(selected=FILES_TAB)}


def progress_changes(parts: Parts, progress: Progress, before: Progress) -> Changes:
    """What one more piece of knowledge changes on the project's side."""
    changes: Changes = {parts.status: content.status_html(progress, progress.answer)}
    if progress.files is not before.files:
        changes |= files_changes(parts, progress.files)
    if progress.checks is not before.checks:
        changes[parts.checks] = content.checks_html(progress.checks)
    if progress.losses is not before.losses:
        changes[parts.losses] = curve(progress.losses, "loss")
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
        parts.scalar_plot: gr.update(value=curve_of(tag, scalars), visible=bool(scalars)),
        parts.output: content.as_on_terminal(f"{report.stdout}{report.stderr}") if report else "",
        parts.archive: gr.update(value=archive, interactive=archive is not None),
    }
    if report and report.loss_curve:
        changes[parts.losses] = curve(report.loss_curve, "loss")
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


def curve(points: list[tuple[int, float]], name: str) -> Any:
    """A curve as the plot wants it."""
    import pandas as pd

    return pd.DataFrame(content.finite(points), columns=["step", name])


def curve_of(tag: str | None, scalars: dict[str, Any]) -> Any:
    """One of the curves that the program recorded."""
    return curve(scalars.get(tag or "", []), "value")


def write_archive(assistant: Assistant, thread: str, answer: PythonMLDLResponse | None) -> Path | None:
    """The project of an answer as a zip in Gradio's own folder, which it empties; None where there is no project."""
    if answer is None or not answer.deliverables.files_created:
        return None
    files = {**assistant.project_files(thread), RECORD: answer.model_dump_json(by_alias=True, indent=1)}
    folder = f"gradproof-{answer.request_id[:8]}"
    return Path(save_bytes_to_cache(content.zip_project(files, folder=folder), f"{folder}.zip", get_upload_folder()))
