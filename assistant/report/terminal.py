"""A report in a terminal: findings with their lines, checks, what was not checked, figures, and the verdict last."""

import re
from collections.abc import Iterator, Mapping

from rich.text import Text

from assistant.report.console import console
from assistant.report.figures import conclusion, excerpt, metrics, place, sparkline
from sandbox.report import Finding, RunReport

COLOURS = {"critical": "bold red", "warning": "bold yellow", "info": "bold cyan"}
VERDICTS = {"passed": "bold green", "failed": "bold red", "error": "bold red"}
MARKS = {"passed": ("✓", "green"), "failed": ("✗", "bold red")}
COMMENT = re.compile(r"\s+#[^'\"]*$")
"""Behind the code of a line: a `#` that no string can be around."""


def show_report(report: RunReport, files: Mapping[str, str | bytes]) -> None:
    out = console()
    for block in (_findings(report, files), _checks(report), _not_checked(report), _figures(report)):
        lines = list(block)
        for line in lines:
            out.print(line, soft_wrap=True)
        if lines:
            out.print()
    out.print(Text(report.status, style=VERDICTS[report.status]), Text(conclusion(report), style="dim"), soft_wrap=True)


def _findings(report: RunReport, files: Mapping[str, str | bytes]) -> Iterator[Text]:
    for n, finding in enumerate(report.findings):
        if n:
            yield Text()
        yield _heading(report, finding)
        yield from _source(files, finding)
        yield Text(f"  {finding.message}")
        for name, told in (("why", finding.why), ("fix", finding.fix)):
            if told:
                yield Text.assemble((f"  {name}: ", "dim"), told)
    for finding in report.silenced:
        yield Text(f"{_where(report, finding)}  silenced  {finding.id}", style="dim")


def _heading(report: RunReport, finding: Finding) -> Text:
    number = f" [{finding.catalogue}]" if finding.catalogue else ""
    return Text.assemble(
        (_where(report, finding), "bold"), "  ", (finding.severity, COLOURS[finding.severity]), "  ",
        (finding.id, "bold"), (number, "dim"),
    )  # fmt: skip


def _where(report: RunReport, finding: Finding) -> str:
    return f"{place(report, finding)}:{finding.line}:" if finding.line else f"{place(report, finding)}:"


def _source(files: Mapping[str, str | bytes], finding: Finding) -> Iterator[Text]:
    for line in excerpt(files, finding):
        code = COMMENT.sub("", line.text)
        indent = len(code) - len(code.lstrip())
        yield Text.assemble((f"{line.number:>5} │ ", "dim"), line.text)
        yield Text.assemble(("      │ ", "dim"), " " * indent, ("^" * len(code.strip()), COLOURS[finding.severity]))


def _checks(report: RunReport) -> Iterator[Text]:
    done = [one for one in report.checks if one.status in MARKS]
    width = max((len(one.id) for one in done), default=0)
    for one in sorted(done, key=lambda one: one.status == "failed"):
        mark, style = MARKS[one.status]
        yield Text.assemble((f"{mark} ", style), (f"{one.id:{width}}  ", "bold"), one.message)


def _not_checked(report: RunReport) -> Iterator[Text]:
    width = max((len(one.id) for one in report.not_checked), default=0)
    if report.not_checked:
        yield Text("not checked", style="bold")
    for one in report.not_checked:
        yield Text(f"– {one.id:{width}}  {one.reason}", style="dim")
    for sentence in report.stand_ins:
        yield Text(f"– {sentence}", style="dim")


def _figures(report: RunReport) -> Iterator[Text]:
    rows = metrics(report)
    if bars := sparkline(report.loss_curve):
        (_, first), (step, last) = report.loss_curve[0], report.loss_curve[-1]
        rows = [("loss", f"{bars}  {first:.4g} → {last:.4g} at step {step:,}"), *rows]
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        yield Text.assemble((f"{name:{width}}  ", "dim"), text)
