"""Python source as a syntax tree, in silence, and the names in it."""

import ast
import threading
import warnings

NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What parsing raises for text that is no Python, or nested deeper than Python can take."""
_WARNINGS_OFF = threading.Lock()
"""Filters of warnings belong to the whole process: two threads that set them aside would restore each other's."""


def parse_source(code: str | bytes) -> ast.Module:
    """The tree, without the warnings that Python gives about the code. Raises one of NO_PYTHON."""
    with _WARNINGS_OFF, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute, however long; empty for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
