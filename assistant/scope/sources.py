"""A project's Python files as syntax trees, with the few questions that the scope's rules ask of them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from assistant.python_source import last_name, parse_files
from assistant.schema import Files

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Source:
    """One file that could be parsed."""

    path: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        path = PurePosixPath(self.path)
        return path.name.startswith("test_") or path.name == "conftest.py" or "tests" in path.parts[:-1]


def read_sources(files: Files) -> list[Source]:
    """What is Python and parses; lint has told of the rest."""
    return [Source(path, tree) for path, tree in parse_files(files)]


def plain(name: str) -> str:
    """A name without case, underscores and dashes: FocalLoss and focal_loss are one."""
    return re.sub(r"[\W_]+", "", name).lower()


def identifiers(sources: list[Source]) -> set[str]:
    """Every name that the files use or define, and every short string, without case and underscores."""
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(source.tree):
            found.update(plain(name) for name in _names(node))
    return found


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case ast.Constant(value=str(text)) if len(text) <= 60:
            yield text


def called_names(sources: list[Source]) -> set[str]:
    """What is called outside of the tests, without case and underscores."""
    calls = (node for one in sources if not one.is_test for node in ast.walk(one.tree) if isinstance(node, ast.Call))
    return {plain(last_name(call.func)) for call in calls} - {""}


def numbers(sources: list[Source]) -> set[float]:
    """Every number that is written in the files."""
    constants = (node for one in sources for node in ast.walk(one.tree) if isinstance(node, ast.Constant))
    return {float(node.value) for node in constants if type(node.value) in (int, float)}


def scopes_at(sources: list[Source], path: str | None, line: int | None) -> list[str]:
    """Names of the functions and classes around a line, the outermost first."""
    tree = next((one.tree for one in sources if one.path == path), None)
    if tree is None or line is None:
        return []
    around = [node for node in ast.walk(tree) if isinstance(node, SCOPES) and node.lineno <= line <= _end(node)]
    return [node.name for node in sorted(around, key=lambda node: node.lineno)]


def _end(node: Scope) -> int:
    return node.end_lineno or node.lineno
