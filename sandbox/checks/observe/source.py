"""The program's own files as syntax trees. Runs inside the jail."""

import ast
from pathlib import Path

from observe.record import folder


def tree_of(file: str | Path) -> ast.Module | None:
    """The tree of one file, by its path below the program's folder; None where it cannot be read as Python."""
    try:
        return ast.parse((Path(folder()) / file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
