"""Tell a file from a piece of one: a function alone, where a whole module stood before."""

import ast

from assistant.lint.source import parse_python


def lost_names(before: str, after: str) -> list[str]:
    """What a module would lose to a piece of itself: functions and classes, sorted; empty where `after` is a module.

    A piece imports nothing although the module did, and defines nothing but some of what the module defined.
    """
    old, new = _outline(before), _outline(after)
    if old is None or new is None or not old.imports or new.imports or not new.names or not new.names < old.names:
        return []
    return sorted(old.names - new.names)


class _Outline:
    def __init__(self, tree: ast.Module) -> None:
        self.imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        self.names = {node.name for node in tree.body if isinstance(node, kinds)}


def _outline(code: str) -> _Outline | None:
    return next((_Outline(tree) for _, tree in parse_python({"code.py": code})), None)
