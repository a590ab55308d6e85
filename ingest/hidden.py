"""Exceptions that a program hides: one that passes over whatever goes wrong runs to its end, and proves nothing by it.

A program that names what it expects, or does anything about it, such as to print it, shows an exception on purpose.
"""

import ast
from typing import NamedTuple

from ingest.ended import Ended
from ingest.python_source import parsed
from ingest.schema import Refusal

BROAD = {"Exception", "BaseException"}
HARMLESS = {"ImportError", "ModuleNotFoundError", "StopIteration", "StopAsyncIteration", "SystemExit"}
"""A package that can be done without, the end of a loop, and an end that the program chose."""


class Silence(NamedTuple):
    """Code of which every exception is passed over without a word."""

    first: int
    last: int
    told_by: int
    """Line that is reached when one was; of a `with`, its own."""


def silences(code: str) -> list[Silence]:
    """Every `except Exception: pass` and `with suppress(Exception)` of a program."""
    found = []
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Try | ast.TryStar):
            silent = [one for one in node.handlers if _is_broad(one.type) and all(map(_does_nothing, one.body))]
            found += [Silence(node.body[0].lineno, _end(node.body), one.body[0].lineno) for one in silent]
        elif isinstance(node, ast.With) and any(map(_suppresses, node.items)) and not _handles(node):
            found.append(Silence(node.body[0].lineno, _end(node.body), node.lineno))
    return found


def hidden(code: str, ended: Ended) -> Refusal | None:
    """Why this run, of which the lines were noted, proves nothing; None where it hid no exception."""
    for silence in silences(code):
        for line, name in sorted(ended.raised.items()):
            if name not in HARMLESS and silence.first <= line <= silence.last and silence.told_by in ended.lines:
                return Refusal(f"the program raised {name} and passed over it without a word", line=line)
    return None


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    return any(ast.unparse(one).rpartition(".")[2] in BROAD for one in getattr(caught, "elts", [caught]))


def _does_nothing(statement: ast.stmt) -> bool:
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass | ast.Continue)


def _suppresses(item: ast.withitem) -> bool:
    context = item.context_expr
    called = isinstance(context, ast.Call) and ast.unparse(context.func).endswith("suppress")
    return called and any(map(_is_broad, context.args))


def _handles(block: ast.With) -> bool:
    """Whether it has handlers of its own, which may have shown what was raised in it."""
    return any(isinstance(node, ast.Try | ast.TryStar) for node in ast.walk(block))


def _end(body: list[ast.stmt]) -> int:
    return body[-1].end_lineno or body[-1].lineno
