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


@pytest.mark.parametrize(
    "code",
    [
        "print(undefined)  # noqa\n",
        "print(undefined)  # noqa: F821\n",
        "# ruff: noqa\nprint(undefined)\n",
        "# flake8: noqa\nprint(undefined)\n",
        "# ruff: disable[F821]\nprint(undefined)\n# ruff: enable[F821]\n",
        "print(undefined)  # type: ignore\n",
    ],
)
def test_a_comment_cannot_switch_a_rule_off(code: str) -> None:
    _, report = lint({"a.py": code})
    assert "F821" in {item.code for item in report.diagnostics}
    assert not report.passed


@pytest.mark.parametrize("folder", ["dist", "venv", "node_modules", ".hidden", "build"])
def test_code_is_linted_in_every_folder(folder: str) -> None:
    _, report = lint({f"{folder}/a.py": "print(undefined)\n", ".gitignore": f"{folder}/\n"})
    assert [item.file for item in report.diagnostics] == [f"{folder}/a.py"]


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ("# fmt: off\nx = [1,2,\n  3]\n# fmt: on\n", "x = [1, 2, 3]\n"),
        ("x = [1,2]  # fmt: skip\n", "x = [1, 2]\n"),
        ("x = [1,2]  # weights # fmt: skip\n", "x = [1, 2]  # weights\n"),
        (
            "# isort: skip_file\nimport sys, os\n\nprint(os.sep, sys.argv)\n",
            "import os\nimport sys\n\nprint(os.sep, sys.argv)\n",
        ),
        ('x = "# fmt: off"\ny = [1,2]\n', 'x = "# fmt: off"\ny = [1, 2]\n'),
    ],
)
def test_a_comment_cannot_switch_formatting_off(code: str, mended: str) -> None:
    files, _ = lint({"a.py": code})
    assert files["a.py"] == mended


def test_lines_are_those_of_the_formatted_file() -> None:
    files, report = lint({"a.py": "import os\nx = [\n1,\n2]\nprint(x, undefined)\n"})
    (left,) = report.diagnostics
    assert "undefined" in str(files["a.py"]).splitlines()[left.line - 1]


def test_taste_alone_does_not_keep_a_draft_from_being_run() -> None:
    lines = ["import torch", "for index in range(3):", "    print(torch.zeros(1))", "if 1 < torch.rand(1): l = 2"]
    _, report = lint({"train.py": "\n".join(lines)})
    assert report.passed
    assert {item.code for item in report.diagnostics} & {"B007", "E741"}
