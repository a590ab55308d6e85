"""Python source as syntax trees, and the questions about them that more than one part of ingest asks."""

import ast
import re

from ingest.errors import Unreadable
from knowledge.syntax import NO_PYTHON, parse_source


def parsed(code: str) -> ast.Module:
    """The tree, without the warnings that Python gives about the code. Raises Unreadable where it is no Python."""
    try:
        return parse_source(code)
    except NO_PYTHON as error:
        raise Unreadable(f"it does not parse: {error}", about="it does not parse") from None


def parses(code: str) -> bool:
    try:
        parsed(code)
    except Unreadable:
        return False
    return True


def only_imports(code: str) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in parsed(code).body)


def runs_something(node: ast.stmt) -> bool:
    """Whether this statement does work of its own, rather than name something."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Assert)


def docstring_of(node: ast.stmt) -> str | None:
    """What a function or a class says of itself; None for other statements."""
    return ast.get_docstring(node) if isinstance(node, ast.FunctionDef | ast.ClassDef) else None


def title_of(docstring: str) -> str:
    """The first line that says something, without marks of headings and fields."""
    for line in docstring.split("\n"):
        text = re.sub(r"^(Title:|#+)\s*", "", line.strip())
        if re.search(r"\w", text):
            return text
    return ""
