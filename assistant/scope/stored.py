"""Weights that no training made: numbers that stand in the text, or another library's solution put into a model."""

import ast
import re
from collections.abc import Iterator

from assistant.python_source import last_name
from assistant.scope.finding import found
from assistant.scope.sources import Source
from sandbox.report import Finding

LOADING = {"load_state_dict", "copy_", "set_weights", "assign"}
MOST_NUMBERS = 200
"""A table of settings or of a few samples is smaller, the weights of a model are more."""
LONGEST_CODE = 1500
ENCODED = re.compile(r"^[A-Za-z0-9+/=_\s-]+$")
SOLUTIONS = {"coef_", "intercept_", "coefs_", "intercepts_"}
FIX = "Let the optimiser find the weights."


def find_stored_weights(source: Source) -> Iterator[Finding]:
    """In a file that also puts values into a model."""
    nodes = list(ast.walk(source.tree))
    loads = any(isinstance(node, ast.Call) and last_name(node.func) in LOADING for node in nodes)
    if source.is_test or not loads:
        return
    told = next(((node, what) for node in nodes if (what := _stored(node))), None)
    if told:
        message = f"{told[1]}, and the file puts values into a model: its weights are not what training made them."
        yield found(source, told[0], "weights-from-elsewhere", "critical", message, FIX)


def _stored(node: ast.AST) -> str:
    if isinstance(node, (ast.List, ast.Tuple)) and _numbers(node) >= MOST_NUMBERS:
        return f"{_numbers(node):,} numbers stand in the text"
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        return "Encoded data stands in the text" if len(text) >= LONGEST_CODE and ENCODED.match(text) else ""
    if isinstance(node, ast.Attribute) and node.attr in SOLUTIONS:
        return f"{node.attr} is the solution of another library"
    return ""


def _numbers(node: ast.AST) -> int:
    return sum(isinstance(one, ast.Constant) and type(one.value) in (int, float) for one in ast.walk(node))
