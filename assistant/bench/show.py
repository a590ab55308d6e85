"""What `gradproof bench` prints: a line per answer on standard error, and a table of the arms at the end."""

import sys

from rich.console import Console
from rich.table import Table

from assistant.bench.schema import ArmSummary, Report, Result

_COLUMNS = ("arm", "verified", "share", "95% interval", "tries", "tokens", "cost", "s", "model s")
"""Tries, seconds and the model's seconds are means per question; tokens and cost are sums."""


def show_result(result: Result, left: int) -> None:
    """One line on standard error."""
    cost = f", {result.usage.cost:.4g}" if result.usage.cost is not None else ""
    figures = f"{result.attempts} attempts, {result.usage.tokens:,} tokens{cost}, {result.seconds:.1f} s"
    reason = f": {_shortened(result.reason)}" if result.reason else ""
    sys.stderr.write(f"{result.n:>3} {result.arm:9} {result.outcome:12} {figures}; {left} left{reason}\n")


def show_report(report: Report, *, as_json: bool) -> None:
    """The table, or the report as one JSON object."""
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
        return
    model = f"{report.run.model} at {report.run.address}" if report.run.model else "no model"
    title = f"{model}, {report.questions} questions"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, no_wrap=True)
    for arm in report.arms:
        table.add_row(*_row(arm))
    console = Console()
    console.print(table)
    console.print(f"{report.path}: {report.left} left" if report.left else report.path, soft_wrap=True)


def _row(arm: ArmSummary) -> list[str]:
    low, high = arm.interval
    return [
        arm.arm,
        f"{arm.verified} of {arm.questions}",
        "–" if arm.share is None else f"{arm.share:.0%}",
        f"{low:.0%} to {high:.0%}",
        "–" if arm.attempts is None else f"{arm.attempts:.1f}",
        f"{'~' if arm.tokens_estimated else ''}{arm.tokens:,}",
        "–" if arm.cost is None else f"{arm.cost:.4g}",
        "–" if arm.seconds is None else f"{arm.seconds:.1f}",
        "–" if arm.model_s is None else f"{arm.model_s:.1f}",
    ]


def _shortened(text: str, length: int = 100) -> str:
    line = text.split("\n")[0]
    return line if len(line) <= length else f"{line[:length]}…"
