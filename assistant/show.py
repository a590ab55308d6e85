"""What the command prints: progress on standard error, the answer on standard output."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import BaseModel
from rich.console import Console
from rich.markdown import Markdown
from rich.progress_bar import ProgressBar
from rich.status import Status
from rich.table import Table
from rich.text import Text

from assistant.app import Event
from assistant.doctor import Need
from assistant.report.terminal import show_report as print_report
from assistant.schema import PythonMLDLResponse
from assistant.search import SearchResults
from ingest.schema import IngestReport, Outcome
from ingest.summary import summary
from sandbox.report import RunReport
from sandbox.schema import ExecResult

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[dim]–[/]"}


class Progress:
    """One line on standard error that says what is going on; lines that stay for what is done."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self._status: Status | None = None
        self._line = ""
        """What a model has written of its current line."""
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status("starting")
            self._status.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._status:
            self._status.stop()

    def show(self, step: str, message: str, data: dict[str, Any]) -> None:
        """One event. The loss is shown in place, what the program prints not at all, everything else leaves a line."""
        if message == "loss":
            self._say_in_place(f"{step}  step {data['step']}, loss {data['loss']}")
        elif message == "token":
            self._show_text(step, data["text"], data["candidate"])
        elif message == "candidate":
            verdict = "verified" if data["verified"] else "not verified"
            self._console.print(f"[bold]{step:10s}[/]", Text(f"candidate {data['candidate'] + 1}: {verdict}"))
        elif message == "check":
            self._console.print(f"  {MARKS[data['status']]} {data['id']}", Text(data["message"], style="dim"))
        elif message != "output":
            self._console.print(f"[bold]{step:10s}[/]", Text(message))

    def count(self, outcome: Outcome, number: int, total: int) -> None:
        """One of many programs: what is admitted leaves a line, the rest is counted in place."""
        self._counts[outcome.kind] += 1
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(self._counts.items()))
        if self._status:
            line = Table.grid(padding=(0, 1))
            line.add_row(ProgressBar(total=total, completed=number, width=30), f"{number} of {total} programs: {told}")
            self._status.update(line)
        if outcome.kind == "admitted":
            self.show(outcome.kind, _inert(outcome.id or outcome.source), {})

    def _show_text(self, step: str, text: str, candidate: int) -> None:
        """What a model writes, line by line on a terminal; several candidates at once would only be a tangle."""
        if not self._status:
            return
        if step == "compete":
            self._say_in_place(f"{step}  candidate {candidate + 1} is writing")
            return
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._console.print(Text(line, style="dim"), soft_wrap=True)
        self._say_in_place(f"{step}  the model is writing")

    def _say_in_place(self, text: str) -> None:
        if self._status:
            self._status.update(text)


def follow(events: Iterable[Event], *, quiet: bool = False) -> PythonMLDLResponse:
    """Show what happens; the response, once it is there."""
    with Progress(quiet=quiet) as progress:
        for event in events:
            if event.answer:
                return event.answer
            progress.show(event.step, event.message, event.data)
    raise AssertionError("the stream of events ended without an answer")


def show_answer(response: PythonMLDLResponse, *, as_json: bool) -> None:
    """The answer in Markdown, and where its project is."""
    if as_json:
        return _print_json(response.to_json())
    out = Console()
    out.print(Markdown(response.answer) if out.is_terminal else response.answer, soft_wrap=True, markup=False)
    if response.project_path:
        out.print(f"\nProject: {response.project_path}", soft_wrap=True, markup=False)
    out.print(f'Go on with: gradproof ask --thread {response.thread_id} "…"', soft_wrap=True, markup=False)
    return None


def show_report(report: RunReport, files: Mapping[str, str | bytes], *, as_json: bool) -> None:
    """The findings with their lines, the checks, the figures, the verdict."""
    if as_json:
        return _print_model(report)
    return print_report(report, files)


def show_results(found: SearchResults, *, as_json: bool) -> None:
    """The patterns found, best first."""
    if as_json:
        return _print_model(found)
    out = Console()
    for old in found.outdated:
        out.print(Text(old.told))
    if not found.results:
        out.print("No vetted pattern is near enough.")
    for result in found.results:
        stale = " [yellow]stale: vetted on another version[/]" if result.status == "stale" else ""
        out.print(f"[bold]{result.id}[/]  {result.score:.3f}", Text(_inert(result.title)), stale)
        out.print(Text(f"    {_inert(result.why)}", style="dim"), soft_wrap=True)
    if found.notes:
        out.print("\nNotes from what was ingested, which nothing has proved:")
    for note in found.notes:
        flagged = f" [yellow]speaks to a model: {', '.join(note.flags)}[/]" if note.flags else ""
        out.print(Text(f"  {_inert(note.title)}"), Text(_inert(note.source), style="dim"), flagged, soft_wrap=True)
    return None


def show_run(result: ExecResult, *, as_json: bool) -> None:
    """What the program wrote, on the streams that it wrote it to."""
    if as_json:
        return _print_model(result)
    sys.stdout.write(_inert(result.stdout) if sys.stdout.isatty() else result.stdout)
    sys.stderr.write(_inert(result.stderr) if sys.stderr.isatty() else result.stderr)
    if result.status != "ok":
        sys.stderr.write(f"gradproof: {result.status}: {result.reason or f'exit status {result.exit_code}'}\n")
    return None


def _inert(text: str) -> str:
    """What a terminal would obey, or would show in another order, as it is written in Python."""
    return re.sub(r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", _escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def show_ingested(report: IngestReport, *, as_json: bool) -> None:
    """What was admitted, what was not and why."""
    if as_json:
        return _print_model(report)
    out = Console(highlight=False)
    for line in summary(report):
        out.print(Text(_inert(line)), soft_wrap=True)
    return None


def show_probes(probes: list[Need], *, as_json: bool) -> None:
    """What is there and what is not."""
    if as_json:
        return _print_json({"probes": [probe.model_dump(mode="json") for probe in probes]})
    table = Table(box=None, show_header=False, pad_edge=False)
    for probe in probes:
        mark = "[green]✓[/]" if probe.ok else "[red]✗[/]" if probe.needed else "[dim]–[/]"
        table.add_row(
            mark, probe.name, Text(probe.detail if probe.ok or not probe.remedy else f"{probe.detail}; {probe.remedy}")
        )
    Console().print(table)
    return None


def _print_model(model: BaseModel) -> None:
    """A figure that is NaN or infinite has no place in JSON and becomes null."""
    sys.stdout.write(model.model_dump_json() + "\n")


def _print_json(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
