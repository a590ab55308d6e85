"""The report as a page, opened in a real browser, and the command that writes it."""

import json
from pathlib import Path

import pytest
from command import gradproof
from web_browser import ATTACK, NEEDS_BROWSER, open_browser

from assistant.errors import RequestError
from assistant.report.page import render_page
from assistant.report.plot import curve
from assistant.verifying import open_program, write_report
from sandbox.findings.finding import Maker
from sandbox.report import CheckResult, Metrics, NotChecked, RunReport, Validation

FAULTS = Path(__file__).parent / "data" / "faults"
BROWSER = NEEDS_BROWSER[0]
PROGRAM = f"import torch\n# {ATTACK}\nfor x in data:\n    optimizer.step()\n"


@pytest.fixture(scope="module")
def report():
    found = Maker("train.py")("missing-zero-grad", "critical", f"Seen. {ATTACK}", "Zero them.", at=("train.py", 4))
    return RunReport(
        status="failed", framework="pytorch", path="train.py", validation=Validation(), wall_s=2.0, findings=[found],
        checks=[CheckResult(id="program-runs", status="passed", message=f"Ran. {ATTACK}")],
        not_checked=[NotChecked(id="causality", reason="The output has no time axis.")],
        metrics=Metrics(num_parameters=515, num_trainable_parameters=515, step_time_ms=2.5),
        loss_curve=[(step, 2.0 / (step + 1)) for step in range(200)], stdout=ATTACK,
        gradient_norms=[(step, 1.0 + step % 7) for step in range(0, 200, 10)],
    )  # fmt: skip


@pytest.fixture(scope="module", name="browser")
def _browser():
    with open_browser() as browser:
        yield browser


def opened(browser, report, folder, **options):
    path = folder / "report.html"
    path.write_text(render_page(report, {"train.py": PROGRAM}), encoding="utf-8")
    page = browser.new_page(**options)
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.goto(path.as_uri())
    return page


@BROWSER
def test_nothing_is_asked_for_beside_the_file(browser, report, tmp_path):
    page = opened(browser, report, tmp_path)
    assert page.asked == [page.url]
    assert page.said == []


@BROWSER
def test_what_the_program_wrote_is_shown_and_never_run(browser, report, tmp_path):
    page = opened(browser, report, tmp_path)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img, script").count() == 0
    assert ATTACK in page.locator("article.finding").inner_text()


@BROWSER
def test_the_page_shows_verdict_findings_checks_and_what_was_not_checked(browser, report, tmp_path):
    page = opened(browser, report, tmp_path)
    assert page.locator(".verdict").inner_text() == "failed"
    assert page.locator(".line.found").inner_text().split() == ["4", "optimizer.step()"]
    assert page.get_by_role("row").filter(has_text="program-runs").count() == 1
    text = page.locator("main").inner_text()
    assert all(told in text for told in ("Zero them.", "The output has no time axis.", "515, all trainable", "2.5 ms"))


@BROWSER
def test_both_curves_have_axes_and_a_title_at_each_point(browser, report, tmp_path):
    page = opened(browser, report, tmp_path)
    plots = page.locator("svg.plot")
    assert plots.count() == 2
    assert plots.nth(0).locator(".tick").count() >= 6
    assert plots.nth(0).locator("circle title").first.text_content() == "step 0: loss 2"
    assert plots.nth(1).locator("circle title").count() == 20


@BROWSER
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_is_readable_on_a_phone_in_both_schemes(scheme, width, browser, report, tmp_path):
    page = opened(browser, report, tmp_path, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) >= 4.5
    assert page.evaluate(SMALLEST) > 10


SMALLEST = "Math.min(...[...document.querySelectorAll('.tick')].map(one => one.getBoundingClientRect().height))"
"""Height of the smallest number on an axis, in pixels."""
CONTRAST = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = light(getComputedStyle(document.body).backgroundColor)
  const shown = [...document.querySelectorAll("p, dt, dd, .severity, td, th, figcaption, footer")]
  return Math.min(...shown.map(one => {
    const ink = light(getComputedStyle(one).color)
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)
  }))
}"""
"""The lowest contrast of any text with the ground, as WCAG 2 defines it."""


@pytest.mark.parametrize(
    "points", [[], [(1, 1.0)], [(1, float("nan")), (2, float("inf"))]], ids=["none", "one", "not finite"]
)
def test_a_curve_needs_two_finite_values(points):
    assert curve(points, name="loss") == ""


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.0, 1.0], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([3.0, 3.0], ["2", "3", "4"]),
        ([1e-4, 1.0], ["0.0001", "0.001", "0.01", "0.1", "1"]),
        ([-2.0, 5.0], ["-2", "0", "2", "4"]),
    ],
)
def test_the_ticks_of_a_curve_are_round(values, ticks):
    drawn = curve(list(enumerate(values)), name="loss")
    up = [part.split(">")[1].split("<")[0] for part in drawn.split('text-anchor="end"')[1:]]
    assert up == ticks


def test_a_gap_is_left_where_the_loss_is_not_finite():
    values = [1.0, 2.0, float("nan"), 2.0, 1.0]
    assert curve(list(enumerate(values)), name="loss").count("<polyline") == 2


def test_the_command_writes_both_files_beside_its_answer(tmp_path):
    html, sarif = tmp_path / "report.html", tmp_path / "report.sarif"
    words = ["verify", FAULTS / "torch_missing_zero_grad.py", "--html", html, "--sarif", sarif, "--json"]
    done = gradproof(*words)
    report = json.loads(done.stdout)
    assert (done.returncode, report["status"]) == (1, "failed"), done.stderr
    assert len(report["gradient_norms"]) > 3 and report["not_checked"] and report["silenced"] == []
    results = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == [one["id"] for one in report["findings"]]
    assert "missing-zero-grad" in html.read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told_before_anything_runs(tmp_path):
    with pytest.raises(RequestError, match="make it first"):
        open_program(FAULTS / "torch_endless.py", writes=(None, tmp_path / "no" / "report.html"))


def test_a_file_that_cannot_be_written_is_one_sentence(report, tmp_path):
    program = open_program(FAULTS / "torch_endless.py")
    with pytest.raises(RequestError, match="name another file"):
        write_report(report, program, sarif=None, html=tmp_path)
