"""What a report looks like: in a terminal, as SARIF, and what comments and lint make of it."""

import json
import re
from pathlib import Path

import pytest

from assistant.report.figures import metrics, place, sparkline
from assistant.report.linted import with_lint
from assistant.report.sarif import render_sarif
from assistant.schema import Attempt, LintReport, PythonMLDLResponse
from assistant.show import show_report
from sandbox.faults.catalogue import faults
from sandbox.findings.finding import Maker
from sandbox.report import CheckResult, Metrics, NotChecked, RunReport, Validation
from sandbox.silence import silence

PROGRAM = """import torch
model = build()
optimizer = torch.optim.SGD(
    model.parameters(), lr=0.1)
for x in data:
    loss = step(x)  # the loss
    optimizer.step()
"""
make = Maker("train.py")


def finding(id="missing-zero-grad", severity="critical", line=7, file="train.py", **figures):
    return make(id, severity, "It was seen.", "Do otherwise.", at=(file, line) if line else None, **figures)


def report(*findings, status="failed", path="train.py", **fields):
    checks = [
        CheckResult(id="program-runs", status="passed", message="Ran to its end."),
        CheckResult(id="tests-pass", status="skipped", message="The project has no tests."),
    ]
    return RunReport(
        status=status, framework="pytorch", path=path, findings=list(findings), wall_s=1.5,
        validation=Validation(), metrics=fields.pop("metrics", Metrics()),
        checks=fields.pop("checks", checks), **fields,
    )  # fmt: skip


def printed(given, files, capsys):
    show_report(given, files, as_json=False)
    return capsys.readouterr().out


def test_a_finding_begins_with_its_place_and_shows_the_line_it_is_on(capsys):
    lines = printed(report(finding(line=6)), {"train.py": PROGRAM}, capsys).splitlines()
    assert lines[0] == "train.py:6:  critical  missing-zero-grad [C1]"
    assert lines[1] == "    6 │     loss = step(x)  # the loss"
    assert lines[2] == "      │     ^^^^^^^^^^^^^^"
    assert lines[3].strip() == "It was seen."
    assert lines[4].strip() == f"why: {faults()['missing-zero-grad'].why}"
    assert lines[5].strip() == "fix: Do otherwise."


@pytest.mark.parametrize("line", [None, 99])
def test_a_finding_without_a_line_of_the_program_has_no_excerpt(line, capsys):
    out = printed(report(finding(line=line)), {"train.py": PROGRAM}, capsys)
    assert "│" not in out
    assert "It was seen." in out


@pytest.mark.parametrize("other", ["\f", "\u2028", "\x1c"])
def test_lines_are_counted_as_python_counts_them(other, capsys):
    text = f"banner = {other!r}\ntext = '{other}'\r\nloss = step(x)\n"
    out = printed(report(finding(line=3)), {"train.py": text}, capsys)
    assert "3 │ loss = step(x)" in out


def test_what_was_not_checked_is_said_with_the_reason_and_passed_checks_take_one_line_each(capsys):
    given = report(not_checked=[NotChecked(id="causality", reason="The output has no time axis.")])
    lines = printed(given, {}, capsys).splitlines()
    assert "✓ program-runs  Ran to its end." in lines
    assert lines.index("– causality  The output has no time axis.") > lines.index("not checked")
    assert lines[-1] == "failed findings: none; checks: 1 passed, 1 skipped; 1.5 s"


def test_no_escape_code_reaches_a_pipe(capsys):
    assert "\x1b" not in printed(report(finding(), loss_curve=[(1, 2.0), (2, 1.0)]), {"train.py": PROGRAM}, capsys)


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_is_coloured_unless_it_was_asked_not_to(no_color, coloured, monkeypatch, capsys):
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")  # stands for a terminal
    assert ("\x1b[" in printed(report(finding()), {"train.py": PROGRAM}, capsys)) is coloured


def test_every_metric_that_was_measured_is_told_with_its_unit():
    given = Metrics(
        num_parameters=21_482, num_trainable_parameters=482, model_size_mb=0.0859, flops=1_234_567, step_time_ms=2.5,
        inference_time_ms=0.25, inference_time_p95_ms=0.75, inference_batch_size=32, peak_memory_mb=1308.2,
        training_steps=1200, evaluation={"accuracy": 0.5}, evaluation_samples=100,
    )  # fmt: skip
    assert dict(metrics(report(metrics=given))) == {
        "parameters": "21,482, 482 of them trainable",
        "size": "0.0859 MB",
        "operations per sample": "1.23 MFLOP",
        "optimiser steps": "1,200",
        "time per step": "2.5 ms in the median",
        "inference time": "0.25 ms in the median, 0.75 ms at p95, for a batch of 32",
        "peak memory": "1,308 MB",
        "accuracy": "0.5000 on 100 held-out samples",
    }
    assert metrics(report()) == []


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([4.0, 3.0, 2.0, 1.0], "█▆▃▁"),
        ([1.0, 1.0], "▁▁"),
        ([1.0], ""),
        ([float("nan"), 1.0, float("inf"), 2.0], "▁█"),
        ([8.0, 8.0, 1.0, 1.0], "█▁"),
    ],
)
def test_the_loss_is_drawn_as_bars(values, bars):
    assert sparkline(list(enumerate(values)), width=2 if bars == "█▁" else 40) == bars


@pytest.mark.parametrize(
    ("path", "shown"),
    [("train.py", "train.py"), ("code/train.py", "code/train.py"), ("/srv/code", "/srv/code/train.py")],
)
def test_a_place_can_be_opened_from_where_the_command_was_given(path, shown):
    assert place(report(path=path), finding()) == shown


SILENCED = [
    ("    optimizer.step()", "    optimizer.step()  # gradproof: ignore[missing-zero-grad]", 7),
    ("    optimizer.step()", "    # gradproof: ignore[missing-zero-grad]\n    optimizer.step()", 8),
    ("model.parameters(), lr=0.1)", "model.parameters(), lr=0.1)  # gradproof: ignore[crash, missing-zero-grad]", 3),
    ("import torch", "# gradproof: ignore-file[missing-zero-grad]\nimport torch", None),
]


@pytest.mark.parametrize(("old", "new", "line"), SILENCED, ids=["on it", "above it", "in its statement", "the file"])
def test_a_comment_takes_a_finding_out_of_the_verdict_and_lists_it(old, new, line, capsys):
    files = {"train.py": PROGRAM.replace(old, new)}
    quiet = silence(report(finding(line=line)), files)
    assert [one.id for one in quiet.silenced] == ["missing-zero-grad"]
    assert quiet.status == "passed"
    assert "silenced  missing-zero-grad" in printed(quiet, files, capsys)


@pytest.mark.parametrize(
    "comment",
    [
        "# gradproof: ignore[missing-backward]",
        "# gradproof: ignore",
        "# gradproof: ignore[]",
        '"# gradproof: ignore[missing-zero-grad]"',
        "# ignore[missing-zero-grad]",
    ],
)
def test_other_comments_silence_nothing(comment):
    files = {"train.py": PROGRAM.replace("    optimizer.step()", f"    optimizer.step()  {comment}")}
    given = report(finding())
    assert silence(given, files).silenced == []
    assert silence(given, files).status == "failed"


def test_a_comment_on_another_line_silences_nothing_and_is_reported():
    text = PROGRAM.replace("import torch", "import torch  # gradproof: ignore[missing-zero-grad]")
    given = silence(report(finding()), {"train.py": text})
    assert [(one.id, one.severity, one.line) for one in given.findings] == [
        ("missing-zero-grad", "critical", 7),
        ("unused-silencer", "info", 1),
    ]


def test_a_misspelt_id_in_a_comment_is_told_with_the_nearest():
    text = PROGRAM + "# gradproof: ignore[missing-zero-gard]\n"
    (told,) = silence(report(status="passed"), {"train.py": text}).findings
    assert (told.id, told.line) == ("unused-silencer", 8)
    assert "missing-zero-grad" in told.fix


@pytest.mark.parametrize("word", ["ingore", "ignored", "ignore-line", "disable"])
def test_a_misspelt_comment_silences_nothing_and_is_reported(word):
    text = PROGRAM.replace("    optimizer.step()", f"    optimizer.step()  # gradproof: {word}[missing-zero-grad]")
    given = silence(report(finding()), {"train.py": text})
    assert [(one.id, one.line) for one in given.findings] == [("missing-zero-grad", 7), ("unused-silencer", 7)]
    assert repr(word) in given.findings[1].message


def test_prose_about_gradproof_is_no_silencer():
    text = PROGRAM + "# gradproof: see the README\n"
    assert silence(report(), {"train.py": text}).findings == report().findings


def test_a_failed_check_stays_failed_whatever_is_silenced():
    failed = [CheckResult(id="loss-finite", status="failed", message="NaN.")]
    text = PROGRAM + "# gradproof: ignore-file[non-finite-loss]\n"
    given = silence(report(finding("non-finite-loss", line=None), checks=failed), {"train.py": text})
    assert len(given.silenced) == 1
    assert given.status == "failed"


@pytest.mark.parametrize("text", ["def broken(:  # gradproof: ignore[missing-zero-grad]\n", "''' # gradproof:", ""])
def test_a_file_that_is_no_python_silences_nothing(text):
    given = silence(report(finding(line=1)), {"train.py": text, "data.bin": b"\xff"})
    assert [one.id for one in given.findings] == ["missing-zero-grad"]


def test_nothing_that_judges_drafts_reads_such_comments():
    root = Path(__file__).parent.parent
    files = [path for folder in ("assistant", "ingest", "sandbox") for path in (root / folder).rglob("*.py")]
    reading = {path.relative_to(root).as_posix() for path in files if "sandbox.silence" in path.read_text("utf-8")}
    assert reading == {"assistant/verifying.py"}


def test_lint_adds_what_the_run_did_not_reach():
    text = "import torch\nif torch.cuda.is_available():\n    print(undefined, torch.symeig(torch.eye(2)))\n"
    found = with_lint(report(status="passed"), {"train.py": text})
    assert {(one.id, one.severity, one.line) for one in found.findings} == {
        ("undefined-name", "warning", 3),
        ("removed-api", "warning", 3),
    }
    assert found.status == "passed"
    assert all(one.why and one.fix for one in found.findings)


def test_lint_says_what_to_write_where_the_run_ended():
    text = "import keras\noptimizer = keras.optimizers.SGD(lr=0.1)\n"
    given = report(finding("crash", line=2)).model_copy(update={"framework": "tensorflow"})
    (told,) = with_lint(given, {"train.py": text}).findings
    assert (told.id, told.severity) == ("crash", "critical")
    assert "learning_rate" in told.fix


def test_lint_keeps_the_lines_of_the_file_and_does_not_take_shapes_in_annotations_for_names():
    text = "# fmt: off\nimport os, sys\nfrom jaxtyping import Float\ndef f(x: Float[Array, 'batch']): return x\n"
    assert with_lint(report(), {"train.py": text}).findings == []
    (told,) = with_lint(report(), {"train.py": "# fmt: off\nx = (1 is 1)\nprint(\n  missing)\n"}).findings[:1]
    assert told.line == 2


def test_sarif_holds_what_readers_of_it_need():
    given = report(finding(), finding("unused-silencer", "info", line=None), finding("crash", "warning", line=2))
    given = given.model_copy(update={"silenced": [finding("batch-mixing", "warning", line=5)]})
    log = json.loads(render_sarif(given, {"train.py": PROGRAM}))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    assert [one["level"] for one in run["results"]] == ["error", "note", "warning", "warning"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert len({one["id"] for one in rules}) == len(rules)
    assert all(one["shortDescription"]["text"] and one["fullDescription"]["text"] for one in rules)
    assert all(one["message"]["text"] for one in run["results"])
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert [one["artifactLocation"]["uri"] for one in places] == ["train.py"] * 4
    assert places[0]["region"] == {
        "startLine": 7, "startColumn": 5, "endColumn": 21, "snippet": {"text": "    optimizer.step()"}
    }  # fmt: skip
    assert "region" not in places[1]
    assert [("suppressions" in one) for one in run["results"]] == [False, False, False, True]


def test_sarif_names_a_file_by_a_valid_uri():
    absolute = report(finding(), path="/some where/train.py")
    (result,) = json.loads(render_sarif(absolute, {}))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///some%20where/train.py"
    assert re.fullmatch(r"[\w./%-]+", json.loads(render_sarif(report(finding(), path="a b.py"), {}))["runs"][0][
        "results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])  # fmt: skip


def test_figures_that_are_not_finite_are_null_in_json(capsys):
    show_report(report(loss_curve=[(1, float("nan")), (2, 1.0)]), {}, as_json=True)
    assert json.loads(capsys.readouterr().out)["loss_curve"] == [[1, None], [2, 1.0]]


def test_an_attempt_whose_loss_was_nan_can_be_written_as_json():
    attempt = Attempt(n=1, lint=LintReport(passed=True), verify=report(loss_curve=[(1, float("nan"))]))
    response = PythonMLDLResponse(
        request_id="r1",
        status="failed",
        execution_time_seconds=1.0,
        outcome="not_verified",
        answer="",
        attempts=[attempt],
    )
    written = json.dumps(response.to_json(), allow_nan=False)
    assert json.loads(written)["attempts"][0]["verify"]["loss_curve"] == [[1, None]]
