"""Tell a file from a piece of one: a function alone, where a whole module stood before."""

import ast

from assistant.python_source import defined_names, parse


def lost_names(before: str, after: str) -> list[str]:
    """What a module would lose to a piece of itself: functions and classes, sorted; empty where `after` is a module.

    A piece imports nothing although the module did, and defines nothing but some of what the module defined.
    """
    old, new = parse(before), parse(after)
    if old is None or new is None or not _imports(old) or _imports(new):
        return []
    had, has = defined_names(old), defined_names(new)
    return sorted(had - has) if has and has < had else []


def _imports(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
