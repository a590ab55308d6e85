"""A failed attempt as a model is told it: checks with their figures, faults with their lines, never raw logs."""

import json
import re
from typing import Any

from assistant.drafters.base import Brief, Failure
from assistant.prompts.context import Part
from assistant.prompts.quote import Quoter, cap_lines, fenced, file_name, one_line
from assistant.schema import Attempt, Diagnostic, Files
from sandbox.report import CheckResult, Finding, RunReport

AROUND = 3
"""Lines shown before and after the one that a fault names."""
MOST_DIAGNOSTICS, MOST_FAULTS, MOST_WARNINGS, MOST_FRAMES, MOST_MESSAGE = 12, 8, 6, 8, 12
MOST_FILE_LINES = 1500
MOST_EVIDENCE, MOST_SENTENCE = 300, 600
"""Characters of a fault's figures, and of its message or its fix."""
_FRAME = re.compile(r'  File "([^"\n]+)", line (\d+), in (\S+)')


def describe_failure(failure: Failure, quoter: Quoter, *, with_lines: bool) -> str:
    """What went wrong, as data. `with_lines` shows the code at fault, numbered."""
    attempt, files = failure.attempt, failure.draft.files if with_lines else {}
    if attempt.verify is None:
        return quoter.data("complaints of the linter; the program was not run", _lint(attempt, files))
    return quoter.data("what the checks saw", _verdict(attempt.verify, files))


def passing_checks(attempt: Attempt) -> list[str]:
    """Ids of the checks that a repair must not break."""
    return [one.id for one in attempt.verify.checks if one.status == "passed"] if attempt.verify else []


def necessary_files(failure: Failure) -> list[str]:
    """The entry and the files that a fault names, whole."""
    named = _named(failure)
    return [_file(name, text) for name, text in _shown(failure.draft.files).items() if name in named]


def file_parts(failure: Failure) -> list[Part]:
    """The other files of the project; the shorter ones first, because more of them then have room."""
    named = _named(failure)
    others = {name: text for name, text in _shown(failure.draft.files).items() if name not in named}
    return [
        Part(name=file_name(name), group="files", text=_file(name, text), kind="other file of the project")
        for name, text in sorted(others.items(), key=lambda item: len(item[1]))
    ]


def project_parts(brief: Brief) -> list[Part]:
    """The files of the project that the question changes."""
    return [
        Part(name=file_name(name), group="project", text=_file(name, text), kind="file of the project so far")
        for name, text in _shown(brief.project).items()
    ]


def _named(failure: Failure) -> set[str]:
    report = failure.attempt.verify
    found = {item.file for item in failure.attempt.lint.diagnostics}
    if report:
        found |= {item.file for item in report.findings if item.severity == "critical"}
        found |= {frame[0] for frame in _frames(report.stderr, failure.draft.files)}
    return {failure.draft.entry, *(name for name in found if name in failure.draft.files)}


def _shown(files: Files) -> dict[str, str]:
    """What was drafted; attached data is bytes."""
    return {name: text for name, text in files.items() if isinstance(text, str)}


def _file(name: str, text: str) -> str:
    return f"### {file_name(name)}\n{fenced(cap_lines(text, most=MOST_FILE_LINES), _language(name))}"


def _language(name: str) -> str:
    return {"py": "python", "md": "markdown", "toml": "toml"}.get(name.rpartition(".")[2], "")


def _lint(attempt: Attempt, files: Files) -> str:
    return "\n".join(_first([_complaint(item, files) for item in attempt.lint.diagnostics], MOST_DIAGNOSTICS))


def _first(told: list[str], most: int) -> list[str]:
    return told if len(told) <= most else [*told[:most], f"… {len(told) - most} more left out …"]


def _complaint(item: Diagnostic, files: Files) -> str:
    told = f"- {item.code} at {item.file}:{item.line}: {_sentence(item.message)}"
    told += f" Fix: {_sentence(item.fix)}" if item.fix else ""
    return told + _lines_at(files, item.file, item.line, around=1)


def _verdict(report: RunReport, files: Files) -> str:
    failed = [_check(one) for one in report.checks if one.status == "failed"]
    critical = [_finding(one, files) for one in report.findings if one.severity == "critical"]
    warnings = [_finding(one, files) for one in report.findings if one.severity == "warning"]
    blocks = [
        ("Failed checks:", failed),
        ("Faults that were found:", _first(critical, MOST_FAULTS)),
        ("Seen besides, and probably not meant:", _first(warnings, MOST_WARNINGS)),
        ("Where the program raised, in the project's own files:", _raised(report.stderr, files)),
    ]
    told = [f"{title}\n" + "\n".join(lines) for title, lines in blocks if lines]
    return "\n\n".join(told) or "Forward pass, backward pass or training was not seen."


def _check(one: CheckResult) -> str:
    return f"- {one.id}: {_sentence(one.message)}{_figures(one.evidence)}"


def _finding(one: Finding, files: Files) -> str:
    where = f" at {one.file}:{one.line}" if one.line else f" in {one.file}"
    told = f"- {one.id}{where}: {_sentence(one.message)}{_figures(one.evidence)}"
    return told + (f"\n  Fix: {_sentence(one.fix)}" if one.fix else "") + _lines_at(files, one.file, one.line)


def _figures(evidence: dict[str, Any]) -> str:
    if not evidence:
        return ""
    text = json.dumps(_rounded(evidence), ensure_ascii=False, default=str)
    return f" {text if len(text) <= MOST_EVIDENCE else text[: MOST_EVIDENCE - 1] + '…'}"


def _rounded(value: Any) -> Any:
    """Figures to four digits: more say nothing and cost tokens."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def _lines_at(files: Files, name: str, line: int | None, *, around: int = AROUND) -> str:
    """The numbered lines around a place, the line itself marked; nothing where the file is not ours."""
    text = files.get(name)
    if not isinstance(text, str) or not line:
        return ""
    lines = text.split("\n")
    shown = range(max(1, line - around), min(len(lines), line + around) + 1)
    numbered = [f"{'>' if n == line else ' '}{n:5d} | {lines[n - 1]}" for n in shown]
    return "\n" + fenced(cap_lines("\n".join(numbered), most=2 * AROUND + 1), "python") if numbered else ""


def _raised(stderr: str, files: Files) -> list[str]:
    """The frames of the last traceback that lie in the project, and the exception with its message."""
    frames = _frames(stderr, files)[-MOST_FRAMES:]
    if not frames:
        return []
    last = stderr.rpartition("Traceback (most recent call last):")[2].strip("\n").split("\n")
    begins = next((n for n, line in enumerate(last) if line[:1].strip()), len(last))
    places = [f"- {name}:{line} in {_sentence(function)}" for name, line, function in frames]
    return [*places, cap_lines("\n".join(last[begins:]).strip(), most=MOST_MESSAGE)]


def _frames(stderr: str, files: Files) -> list[tuple[str, int, str]]:
    """(file, line, function) of the last traceback's frames inside the project."""
    last = stderr.rpartition("Traceback (most recent call last):")[2]
    found = [(_inside(path, files), int(line), function) for path, line, function in _FRAME.findall(last)]
    return [(name, line, function) for name, line, function in found if name]


def _inside(path: str, files: Files) -> str | None:
    """The project's name for the file of a frame; None for a library's."""
    if path in files:
        return path
    if "site-packages" in path or "/lib/python" in path:
        return None
    matching = [name for name in files if path.endswith(f"/{name}")]
    return max(matching, key=len, default=None)


def _sentence(text: str) -> str:
    return one_line(text)[:MOST_SENTENCE]
