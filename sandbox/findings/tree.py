"""What the rules over a program's text share: one parsed file, and readings of its syntax tree."""

import ast
from collections.abc import Iterator
from typing import NamedTuple


class Source(NamedTuple):
    """One file, and the text of all files of its program."""

    path: str
    tree: ast.Module
    program: str


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name, such as DataLoader of torch.utils.data.DataLoader."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """All calls of something whose name ends in one of these."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) in names:
            yield node


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def constant(node: ast.expr | None) -> object:
    """The value of a literal; an object of its own, equal to nothing, for all else."""
    return node.value if isinstance(node, ast.Constant) else object()


def imports(tree: ast.AST, package: str) -> bool:
    """Whether a file imports the package or something of it."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        if any(name.split(".")[0] == package for name in names):
            return True
    return False
