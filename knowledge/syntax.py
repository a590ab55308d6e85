"""Python source as a syntax tree, in silence."""

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
