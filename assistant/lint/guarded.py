"""Which statements of a program may fail without harm."""

import ast

from assistant.python_source import last_name

CAUGHT = {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"}
"""Who catches one of these around an import has thought of its absence."""


def guarded_statements(tree: ast.AST) -> frozenset[int]:
    """`id` of each statement that may fail, that stands in for one that failed, or that only a type checker reads."""
    return frozenset(
        id(inner)
        for node in ast.walk(tree)
        for statement in _guarded_by(node)
        for inner in ast.walk(statement)
        if isinstance(inner, ast.stmt)
    )


def _guarded_by(node: ast.AST) -> list[ast.stmt]:
    if isinstance(node, ast.Try):
        catching = [handler for handler in node.handlers if _catches(handler.type)]
        return [*node.body, *(inner for handler in catching for inner in handler.body)] if catching else []
    if isinstance(node, ast.With):
        return node.body if any(_suppresses(item.context_expr) for item in node.items) else []
    if isinstance(node, ast.If):
        return node.body if last_name(node.test) == "TYPE_CHECKING" else []
    return []


def _catches(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    return any(last_name(one) in CAUGHT for one in (caught.elts if isinstance(caught, ast.Tuple) else [caught]))


def _suppresses(context: ast.expr) -> bool:
    called = isinstance(context, ast.Call) and last_name(context.func) == "suppress"
    return called and any(last_name(argument) in CAUGHT for argument in context.args)
