"""Lint: ruff mends what it safely can, and says the rest."""

import pytest

from assistant.lint import lint


def test_safe_fixes_and_formatting_are_applied() -> None:
    files, report = lint({"a.py": "import sys, os\nimport json\nprint( os.sep,sys.argv )\n"})
    assert files["a.py"] == "import os\nimport sys\n\nprint(os.sep, sys.argv)\n"
    assert report.passed
    assert report.fixed > 0


@pytest.mark.parametrize(
    ("code", "rule"),
    [("def f(:\n", "invalid-syntax"), ("print(undefined)\n", "F821"), ("def f(x=[]):\n    return x\n", "B006")],
)
def test_what_ruff_cannot_mend_is_reported_with_file_and_line(code: str, rule: str) -> None:
    _, report = lint({"pkg/a.py": code})
    assert not report.passed
    assert (report.diagnostics[0].code, report.diagnostics[0].file) == (rule, "pkg/a.py")
    assert report.diagnostics[0].line == 1


def test_a_configuration_among_the_files_does_not_change_the_rules() -> None:
    _, report = lint({"ruff.toml": 'lint.select = []\nlint.ignore = ["F821"]\n', "a.py": "print(undefined)\n"})
    assert [item.code for item in report.diagnostics] == ["F821"]


def test_other_files_are_left_alone() -> None:
    files, report = lint({"data/x.csv": "a,b\n1,2\n", "weights.bin": b"\x00\xff", "README.md": "# x"})
    assert files == {"data/x.csv": "a,b\n1,2\n", "weights.bin": b"\x00\xff", "README.md": "# x"}
    assert report.passed
