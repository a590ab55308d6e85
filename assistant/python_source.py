"""Python source as syntax trees, and the few questions about them that more than one package asks."""

import ast
from collections.abc import Iterator, Mapping

from knowledge.syntax import NO_PYTHON, parse_source


def parse(code: str | bytes) -> ast.Module | None:
    """The syntax tree, without the warnings that Python gives about the code; None for what does not parse."""
    try:
        return parse_source(code)
    except NO_PYTHON:
        return None


def parse_files(files: Mapping[str, str | bytes]) -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of every Python file that parses, in the order given."""
    for name, content in files.items():
        if name.endswith(".py") and (tree := parse(content)) is not None:
            yield name, tree


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c` and of `f(x).c`; empty where there is no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def defined_names(tree: ast.Module) -> set[str]:
    """The functions and classes that a module defines at its top."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in tree.body if isinstance(node, kinds)}
