"""The project's own tests, run by pytest in the sandbox: how many there were, and how they ended."""

import configparser
import re
import threading
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from sandbox.base import Sandbox
from sandbox.entry import Framework
from sandbox.report import CheckResult, check
from sandbox.schema import ExecResult, Job, Limits

REPORT = "pytest-report.xml"

LEFT_OUT = ("-p", "no:cacheprovider", "-p", "no:langsmith_plugin")
"""The cache, which nobody will read, and a plugin that comes with gradproof itself and is slow to load."""

CONFIGURATION = "gradproof-pytest.ini"
"""Stands in for the project's own configuration, which could leave out the tests that fail."""


def has_tests(paths: Iterable[str]) -> bool:
    """Whether any of a project's files, by their paths, is one that pytest collects."""
    return any(PurePosixPath(name).name.startswith("test_") and name.endswith(".py") for name in paths)


def run_tests(
    files: Mapping[str, str | bytes],
    framework: Framework,
    sandbox: Sandbox,
    limits: Limits,
    cancel: threading.Event | None = None,
) -> ExecResult:
    return sandbox.run(
        Job(
            runtime=framework,
            argv=["-m", "pytest", "-q", *LEFT_OUT, "-c", CONFIGURATION, f"--junitxml={REPORT}"],
            files={**files, CONFIGURATION: configuration(files)},
            collect=[REPORT],
            limits=limits,
        ),
        cancel=cancel,
    )


def configuration(files: Mapping[str, str | bytes]) -> str:
    """Of the project's configuration of pytest no more than the folders that it imports from."""
    folders = _from_ini(files) or _from_toml(files)
    return f"[pytest]\npythonpath = {' '.join(folders)}\n"


def _from_ini(files: Mapping[str, str | bytes]) -> list[str]:
    sections = {"pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}
    for name, section in sections.items():
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(_text(files, name))
        except configparser.Error:
            continue
        if parser.has_option(section, "pythonpath"):
            return parser.get(section, "pythonpath").split()
    return []


def _from_toml(files: Mapping[str, str | bytes]) -> list[str]:
    try:
        written = tomllib.loads(_text(files, "pyproject.toml"))
        folders = written["tool"]["pytest"]["ini_options"]["pythonpath"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return []
    return [str(one) for one in folders] if isinstance(folders, list) else str(folders).split()


def _text(files: Mapping[str, str | bytes], name: str) -> str:
    content = files.get(name, "")
    return content if isinstance(content, str) else content.decode("utf-8", errors="replace")


def judge_tests(result: ExecResult | None) -> CheckResult:
    """Passes where pytest ended well and at least one test really ran: none, or all skipped, is not a pass."""
    id = "tests-pass"
    if result is None:
        return check(id, None, "The project has no tests.")
    counts = _counts(result)
    if counts is None:
        reason = result.reason or f"pytest ended with exit status {result.exit_code} and left no report."
        return check(id, False, reason, seconds=result.wall_s, exit_code=result.exit_code)
    ran = counts["tests"] - counts["skipped"] - counts["failures"] - counts["errors"]
    figures = {**counts, "ran": ran}
    if result.status == "ok" and ran > 0 and not counts["failures"] and not counts["errors"]:
        return check(id, True, f"{ran} {'test' if ran == 1 else 'tests'} passed.", seconds=result.wall_s, **figures)
    if not ran and not counts["failures"] and not counts["errors"]:
        return check(id, False, "No test ran: none was found, or all were skipped.", seconds=result.wall_s, **figures)
    tests = f"{counts['tests']} test{'' if counts['tests'] == 1 else 's'}"
    message = f"{counts['failures'] + counts['errors']} of {tests} failed: {_last_line(result.stdout)}"
    return check(id, False, message, seconds=result.wall_s, **figures)


def _counts(result: ExecResult) -> dict[str, int] | None:
    """From the attributes of pytest's report, read as text: the program could have written XML that does harm."""
    report = next((one.content for one in result.artifacts if one.path == REPORT), None)
    if report is None:
        return None
    head = report[:4000].decode("utf-8", errors="replace")
    found = {name: re.search(rf'\b{name}="(\d{{1,9}})"', head) for name in ("tests", "skipped", "failures", "errors")}
    if not all(found.values()):
        return None
    return {name: int(match.group(1)) for name, match in found.items() if match}


def _last_line(text: str) -> str:
    failed = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (failed or text.strip().splitlines() or ["no output"])[-1][:300]
