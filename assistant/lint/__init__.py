"""Lint: ruff's safe fixes and formatting, then all that can be known to be wrong without running it.

Nothing in the files decides what is looked for: neither a configuration nor a comment that switches rules off.
"""

from collections.abc import Mapping

from assistant.lint.deprecated import find_deprecated
from assistant.lint.modules import find_unknown_modules
from assistant.lint.ruff import find_errors, mend
from assistant.schema import Files, Framework, LintReport

__all__ = ["find_deprecated", "find_errors", "find_unknown_modules", "lint"]
MOST_REPORTED = 50
TASTE = ("I0", "UP", "SIM", "RUF", "PTH", "E4", "E7", "F401", "F841", "B007", "B905")
"""Beginnings of the names of rules about how code reads: they are reported, and do not keep a draft from being run."""


def lint(
    files: Files,
    *,
    framework: Framework | None = None,
    importable: frozenset[str] | None = None,
    versions: Mapping[str, str] | None = None,
) -> tuple[Files, LintReport]:
    """The files after ruff's safe fixes and formatting, and what is left to complain about.

    First what cannot work (modules that are not there, names that are gone), then ruff's complaints, then what is
    deprecated; each by file and line, and 50 at most. Matters of taste alone do not fail it. `importable` are the
    modules that the code may import beside its own; None leaves imports unchecked. `versions` (distribution ->
    version) are those of the interpreter that will run the code; the default is this one.
    """
    mended = mend(files)
    unknown = [] if importable is None else find_unknown_modules(mended.files, importable)
    old = find_deprecated(mended.files, framework, importable=importable, versions=versions)
    gone = [item for item in old if item.code == "removed-api"]
    found = [*unknown, *gone, *mended.left, *old[len(gone) :]]
    passed = all(item.code.startswith(TASTE) for item in found)
    return mended.files, LintReport(passed=passed, diagnostics=found[:MOST_REPORTED], fixed=mended.fixed)
