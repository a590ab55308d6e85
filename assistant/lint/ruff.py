"""Run ruff over a project: its safe fixes, its formatting, and what it still complains about."""

import json
import re
import subprocess
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel
from ruff import find_ruff_bin

from assistant.schema import Diagnostic, Files

RULES = "E,F,I,B,UP,SIM,RUF,PTH"
"""Errors, pyflakes, import order, likely bugs, current idioms."""
ERRORS = "E9,F50,F52,F62,F63,F70,F82,PLE"
"""What raises, or compares the wrong thing, as soon as it is reached."""
TYPED_SHAPES = ("jaxtyping", "torchtyping")
"""Packages whose annotations hold shapes in strings, which look like undefined names."""
IGNORED = "E501,SIM108,RUF012"
"""Line length is the formatter's business; the others are matters of taste in training code."""
LINE_LENGTH = 120
RUFF_TIMEOUT_S = 60.0
EVERYWHERE = ("--isolated", "--no-cache", "--quiet", "--no-respect-gitignore", "--exclude=.nothing")
"""No configuration and no folder left out: `--exclude` replaces ruff's own list, which holds 'dist' and 'venv'."""
SWITCH = re.compile(r"#\s*(fmt:\s*(off|on|skip)|yapf:\s*(disable|enable)|(ruff:\s*)?isort:[^#]*)\s*")
"""Comments that tell the formatter, or the sorting of imports, to look away; ruff ignores the others when told to."""


class Mended(BaseModel):
    files: Files
    left: list[Diagnostic]
    """What ruff found and did not mend, by file and line."""
    fixed: int


def mend(files: Files) -> Mended:
    """The files after ruff's safe fixes and formatting, and what is left. Files other than Python's stay the same."""
    with TemporaryDirectory(prefix="gradproof-lint-") as folder:
        root = Path(folder).resolve()
        python = write_python_files(files, root)
        before = _check(root)
        left = _check(root, "--fix") if before else []
        _ruff(root, "format", f"--line-length={LINE_LENGTH}")
        after = _check(root) if left else []  # formatting moves lines
        fixed = files | {name: (root / name).read_text(encoding="utf-8") for name in python}
    return Mended(files=fixed, left=after, fixed=max(0, len(before) - len(after)))


def find_errors(files: Files) -> list[Diagnostic]:
    """What ruff is sure of in files that are to stay as they are; the lines are those of the files."""
    texts = {name: text for name, text in files.items() if name.endswith(".py") and isinstance(text, str)}
    with TemporaryDirectory(prefix="gradproof-lint-") as folder:
        root = Path(folder).resolve()
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        found = _check(root, rules=ERRORS)
    return [one for one in found if one.code != "F821" or not any(word in texts[one.file] for word in TYPED_SHAPES)]


def write_python_files(files: Files, root: Path) -> list[str]:
    """Write the Python files below `root`, without comments that turn the formatter off; their names."""
    python = [name for name, content in files.items() if name.endswith(".py") and isinstance(content, str)]
    for name in python:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_without_switches(str(files[name])), encoding="utf-8")
    return python


def _without_switches(text: str) -> str:
    """The text without comments that match SWITCH; strings that look like one stay."""
    if not SWITCH.search(text):
        return text
    lines = list(StringIO(text))
    for row, column, comment in reversed(list(_comments(text))):
        rest = SWITCH.sub("", comment)
        line = lines[row - 1]
        lines[row - 1] = line[:column] + rest + line[column + len(comment) :]
        if rest != comment and not lines[row - 1].strip():
            del lines[row - 1]
    return "".join(lines)


def _comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Row, column and text of each comment, as far as the text can be read as Python."""
    try:
        for token in tokenize.generate_tokens(StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _check(root: Path, *options: str, rules: str = RULES) -> list[Diagnostic]:
    chosen = (f"--select={rules}", f"--ignore={IGNORED}", f"--line-length={LINE_LENGTH}", "--target-version=py311")
    done = _ruff(root, "check", "--output-format=json", "--ignore-noqa", *chosen, *options)
    if done.returncode > 1:
        raise RuntimeError(f"ruff does not work here ({done.stderr.strip()[-200:]}); install it anew: pip install ruff")
    return [_diagnostic(item, root) for item in json.loads(done.stdout or "[]")]


def _diagnostic(item: dict[str, Any], root: Path) -> Diagnostic:
    return Diagnostic(
        code=item["code"] or "syntax-error",
        message=item["message"],
        file=Path(item["filename"]).relative_to(root).as_posix(),
        line=item["location"]["row"],
    )


def _ruff(root: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_ruff_bin(), command, *EVERYWHERE, *options, "."],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=RUFF_TIMEOUT_S,
        check=False,
    )
