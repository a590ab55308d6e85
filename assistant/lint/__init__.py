"""Lint: ruff's safe fixes and formatting, then all that can be known to be wrong without running it.

Nothing in the files decides what is looked for: neither a configuration nor a comment that switches rules off.
"""

from assistant.lint.modules import find_unknown_modules
from assistant.lint.ruff import Files, mend
from assistant.schema import Framework, LintReport

MOST_REPORTED = 50
__all__ = ["Files", "find_unknown_modules", "lint"]


def lint(
    files: Files, *, framework: Framework | None = None, importable: frozenset[str] | None = None
) -> tuple[Files, LintReport]:
    """The files after ruff's safe fixes and formatting, and what is left to complain about.

    `importable` are the modules that the code may import, beside its own; None leaves imports unchecked.
    """
    mended = mend(files)
    found = mended.left
    if importable is not None:
        found = [*found, *find_unknown_modules(mended.files, importable)]
    return mended.files, LintReport(passed=not found, diagnostics=found[:MOST_REPORTED], fixed=mended.fixed)
