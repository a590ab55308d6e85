"""What the page shows of a question, as plain values. Text that a program or a model wrote is escaped here."""

import re
from collections.abc import Iterable
from html import escape
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from assistant.drafters.base import Files
from assistant.markdown import MARKS
from assistant.schema import PythonMLDLResponse
from assistant.web.work import Progress
from sandbox.report import RunReport

STEPS = {
    "understand": "Reading the question",
    "retrieve": "Looking up vetted patterns",
    "design": "Designing the project",
    "draft": "Writing the files",
    "lint": "Checking the style",
    "verify": "Running it in the sandbox",
    "repair": "Mending it",
    "answer": "Writing the answer",
}
FOLLOWING = dict(zip(STEPS, [*list(STEPS)[1:6], "answer", "lint", "answer"], strict=True))
"""Step -> what usually comes after it."""
DONE = {
    "understand": "Understood",
    "retrieve": "Retrieved",
    "design": "Designed",
    "draft": "Drafted",
    "lint": "Linted",
    "verify": "Ran",
    "repair": "Mended",
}
OUTCOMES = {
    "verified": ("good", "Verified"),
    "not_verified": ("bad", "Not verified"),
    "explained": ("plain", "Explained"),
    "declined": ("plain", "Declined"),
    "question": ("plain", "Question"),
}
VERDICTS = ("**Verified.**", "**Not verified.**")
LANGUAGES = {".py": "python", ".md": "markdown", ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".sh": "shell"}
FIRST_FILES = ("model.py", "train.py")

CHECKS_HEAD = (
    '<thead><tr><th scope="col"><span class="unseen">Result</span></th>'
    '<th scope="col">Check</th><th scope="col">Seen</th></tr></thead>'
)

Message = dict[str, Any]


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~&$:])", r"\\\1", text)


def question_message(question: str, names: Iterable[str] = ()) -> Message:
    """What the user asked, with the names of what is attached to it."""
    attached = "".join(f"\n\n📎 {plain(name)}" for name in names)
    return {"role": "user", "content": plain(question) + attached}


def steps_message(progress: Progress) -> Message:
    """The steps so far, under a heading that says what goes on now."""
    lines = [f"- **{DONE.get(item.step, item.step)}** · {plain(item.message)}" for item in progress.steps]
    metadata: dict[str, Any] = {"title": heading(progress), "status": "done" if progress.ended else "pending"}
    if progress.answer:
        metadata["duration"] = progress.answer.execution_time_seconds
    return {"role": "assistant", "content": "\n".join(lines) or "Starting", "metadata": metadata}


def heading(progress: Progress) -> str:
    """What goes on now, in a few words."""
    if progress.ended:
        return f"{len(progress.steps)} steps"
    step = FOLLOWING[progress.steps[-1].step] if progress.steps else "understand"
    if step == "verify" and progress.losses:
        count, loss = progress.losses[-1]
        return f"{STEPS[step]} · step {count:,} · loss {loss:.4g}"
    return STEPS[step]


def answer_messages(text: str) -> list[Message]:
    """An answer; of one about a project, the verdict, and the rest of it folded."""
    verdict, _, rest = text.partition("\n\n")
    if not rest or not verdict.startswith(VERDICTS):
        return [{"role": "assistant", "content": text}]
    report = {"role": "assistant", "content": rest, "metadata": {"title": "Full report", "status": "done"}}
    return [{"role": "assistant", "content": verdict}, report]


def history_messages(history: list[tuple[str, str]]) -> list[Message]:
    """A conversation that was held before."""
    return [
        message
        for role, text in history
        for message in ([question_message(text)] if role == "human" else answer_messages(text))
    ]


def progress_messages(progress: Progress) -> list[Message]:
    """The steps and, once there is one, the answer or the problem."""
    steps = [steps_message(progress)] if progress.steps or not progress.ended else []
    if progress.problem:
        return [*steps, {"role": "assistant", "content": plain(progress.problem)}]
    return [*steps, *(answer_messages(progress.answer.answer) if progress.answer else [])]


def status_html(progress: Progress | None, answer: PythonMLDLResponse | None) -> str:
    """One line above the project: its state, and the figure that matters most."""
    if answer:
        tone, word = OUTCOMES[answer.outcome]
        score = next(iter(answer.metrics.evaluation.items()), None)
        detail = f"{score[0]} {score[1]:.4g}" if score else answer.framework or ""
    elif progress and not progress.ended:
        tone, word, detail = "busy", heading(progress), ""
    else:
        tone, word, detail = "plain", "No project yet", "Ask for one, and its proof appears here."
    return f'<p class="status {tone}" role="status"><strong>{escape(word)}</strong> <span>{escape(detail)}</span></p>'


def checks_html(checks: list[dict[str, Any]]) -> str:
    """The check table."""
    if not checks:
        return '<p class="empty">The checks appear here while the project runs in the sandbox.</p>'
    rows = "".join(map(_check_row, checks))
    return f'<table class="checks" aria-label="Checks">{CHECKS_HEAD}<tbody>{rows}</tbody></table>'


def _check_row(check: dict[str, Any]) -> str:
    status, name, message = (escape(check[key]) for key in ("status", "id", "message"))
    mark = f'<span role="img" aria-label="{status}">{MARKS[check["status"]]}</span>'
    return f'<tr class="{status}"><td>{mark}</td><th scope="row">{name}</th><td>{message}</td></tr>'


def figures_html(answer: PythonMLDLResponse | None) -> str:
    """The figures that were measured; nothing where nothing was."""
    cards = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in (figures(answer) if answer else {}).items()
    )
    return f'<dl class="figures">{cards}</dl>' if cards else '<p class="empty">The measured figures appear here.</p>'


def figures(answer: PythonMLDLResponse) -> dict[str, str]:
    """Name -> figure with its unit, of those that were measured."""
    seen = answer.metrics
    measured = {
        **{name.replace("_", " ").capitalize(): f"{value:.4g}" for name, value in seen.evaluation.items()},
        "Held-out samples": _figure(seen.evaluation_samples),
        "Parameters": _figure(seen.num_parameters),
        "Trainable": _figure(seen.num_trainable_parameters),
        "FLOPs per sample": _figure(seen.flops),
        "Model size": _figure(seen.model_size_mb, " MB"),
        f"Inference, batch of {seen.inference_batch_size}": _figure(seen.inference_time_ms, " ms"),
        "Training step": _figure(seen.step_time_ms, " ms"),
        "Training steps": _figure(seen.training_steps),
        "Peak memory": _figure(seen.peak_memory_mb, " MB"),
        "Time to answer": _figure(answer.execution_time_seconds, " s"),
    }
    return {name: value for name, value in measured.items() if value}


def _figure(value: float | None, unit: str = "") -> str:
    if value is None:
        return ""
    return (
        f"{value:,}{unit}"
        if isinstance(value, int)
        else f"{value:,.3g}{unit}"
        if value < 100
        else f"{value:,.0f}{unit}"
    )


def as_on_terminal(text: str) -> str:
    """What a terminal would leave standing: a progress bar that was drawn over and over is one line."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def last_report(answer: PythonMLDLResponse | None) -> RunReport | None:
    """What was seen of the draft whose files the answer gives."""
    if answer is None:
        return None
    return next((attempt.verify for attempt in answer.attempts if attempt.n == answer.best_attempt), None)


def text_files(answer: PythonMLDLResponse) -> dict[str, str]:
    """The project's files that a person can read."""
    return {file.path: file.content for file in answer.deliverables.files_created if file.content or not file.bytes}


def first_file(files: Iterable[str]) -> str | None:
    """The file to show first."""
    names = list(files)
    return next((name for name in (*FIRST_FILES, *names) if name in names), None)


def language(name: str | None) -> str | None:
    """How a file is highlighted."""
    return LANGUAGES.get(Path(name).suffix) if name else None


def finite(points: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    """The points that can be drawn."""
    return [(step, value) for step, value in points if isfinite(value)]


def first_scalar(tags: Iterable[str]) -> str | None:
    """The recorded curve to show first: one of held-out data."""
    names = sorted(tags)
    return next((name for word in ("val", "") for name in names if word in name.lower()), None)


def zip_project(files: Files, *, folder: str) -> bytes:
    """The project as one archive that unpacks into one folder."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(f"{folder}/{name}", content)
    return buffer.getvalue()
