"""Style: ruff's safe fixes and formatting, then what ruff still complains about."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.schema import Diagnostic, LintReport

RULES = "E,F,I,B,UP,SIM,RUF,PTH"
"""Errors, pyflakes, import order, likely bugs, current idioms."""
IGNORED = "E501,SIM108,RUF012"
"""Line length is the formatter's business; the others are matters of taste in training code."""
LINE_LENGTH = 120
RUFF_TIMEOUT_S = 60.0

Files = dict[str, str | bytes]


def lint(files: Files) -> tuple[Files, LintReport]:
    """The files after ruff's safe fixes and formatting, and what is left to complain about.

    Runs with `--isolated`, so that no configuration among the files changes the rules.
    """
    with TemporaryDirectory(prefix="gradproof-lint-") as folder:
        root = Path(folder)
        python = write_python_files(files, root)
        before = _check(root)
        _ruff(root, "check", "--fix", *_rules())
        _ruff(root, "format", f"--line-length={LINE_LENGTH}")
        after = _check(root)
        fixed = files | {name: (root / name).read_text(encoding="utf-8") for name in python}
    return fixed, LintReport(passed=not after, diagnostics=after, fixed=max(0, len(before) - len(after)))


def write_python_files(files: Files, root: Path) -> list[str]:
    """Write the Python files below `root`; their names."""
    python = [name for name, content in files.items() if name.endswith(".py") and isinstance(content, str)]
    for name in python:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(files[name]), encoding="utf-8")
    return python


def _rules() -> list[str]:
    return [f"--select={RULES}", f"--ignore={IGNORED}", f"--line-length={LINE_LENGTH}", "--target-version=py311"]


def _check(root: Path) -> list[Diagnostic]:
    found = json.loads(_ruff(root, "check", "--output-format=json", *_rules()).stdout or "[]")
    return [
        Diagnostic(
            code=item["code"] or "syntax-error",
            message=item["message"],
            file=Path(item["filename"]).relative_to(root.resolve()).as_posix(),
            line=item["location"]["row"],
        )
        for item in found
    ]


def _ruff(root: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ruff", command, "--isolated", "--no-cache", "--quiet", *options, "."],
        cwd=root.resolve(),
        capture_output=True,
        text=True,
        timeout=RUFF_TIMEOUT_S,
        check=False,
    )
