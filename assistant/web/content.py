"""What the project's side of the page shows, as plain values. What a program or a model wrote is escaped here."""

from collections.abc import Iterable
from html import escape
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from assistant.markdown import MARKS
from assistant.schema import Files, PythonMLDLResponse
from assistant.web.chat import heading
from assistant.web.progress import Progress
from sandbox.report import RunReport

OUTCOMES = {
    "verified": ("good", "Verified"),
    "not_verified": ("bad", "Not verified"),
    "explained": ("plain", "Explained"),
    "declined": ("plain", "Declined"),
    "question": ("plain", "Question"),
}
LANGUAGES = {".py": "python", ".md": "markdown", ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".sh": "shell"}
FIRST_FILES = ("model.py", "train.py")

CHECKS_HEAD = (
    '<thead><tr><th scope="col"><span class="unseen">Result</span></th>'
    '<th scope="col">Check</th><th scope="col">Seen</th></tr></thead>'
)


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
        **_model_figures(answer),
    }
    return {name: value for name, value in measured.items() if value}


def _model_figures(answer: PythonMLDLResponse) -> dict[str, str]:
    """Who wrote it, and what the model used, where one was asked."""
    used = answer.usage
    about = "about " if used.estimated else ""
    asked = {
        "Model": answer.model or "",
        "Model calls": _figure(used.calls),
        "Tokens in": f"{about}{used.input_tokens:,}",
        "Tokens out": f"{about}{used.output_tokens:,}",
        "Cost": "" if used.cost is None else f"{used.cost:.4g}",
        "Waited for the model": _figure(used.seconds, " s"),
    }
    written = {"llm": answer.model or "a model", "embedded": "embedded drafter"}[answer.drafter]
    return {**({"Written by": written} if answer.attempts else {}), **(asked if used.calls else {})}


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
