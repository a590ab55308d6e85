"""A report as one HTML file that needs nothing else: no network, no script."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.report.figures import conclusion, excerpt, metrics, place
from assistant.report.plot import curve
from sandbox.report import RunReport

FOLDER = Path(__file__).parent
CONTEXT = 2
"""Lines shown before and after the line of a finding."""
TAIL = 20_000
"""Characters of the end of the program's output that are shown."""


def render_page(report: RunReport, files: Mapping[str, str | bytes]) -> str:
    """All that the report holds; what the program wrote itself is escaped."""
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    plots = [
        (title, Markup(drawn))
        for title, name, points in (
            ("Loss", "loss", report.loss_curve),
            ("Gradient norm", "gradient norm", report.gradient_norms),
        )
        if (drawn := curve(points, name=name))
    ]
    return pages.get_template("page.html.j2").render(
        report=report,
        conclusion=conclusion(report),
        findings=[(one, place(report, one), excerpt(files, one, around=CONTEXT)) for one in report.findings],
        silenced=[(one, place(report, one)) for one in report.silenced],
        checks=[one for one in report.checks if one.status != "skipped"],
        plots=plots,
        metrics=metrics(report),
        output=[(name, text[-TAIL:]) for name, text in (("output", report.stdout), ("errors", report.stderr)) if text],
        style=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
    )
