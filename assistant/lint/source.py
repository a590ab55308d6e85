"""Parsed Python files of a project; what does not parse is left to ruff, which says where and why."""

import ast
import warnings
from collections.abc import Iterator, Mapping


def parse_python(files: Mapping[str, str | bytes]) -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of every Python file that parses, sorted by name."""
    for name in sorted(files):
        if name.endswith(".py") and (tree := _parse(files[name])) is not None:
            yield name, tree


def _parse(content: str | bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
