"""Code that changes the framework or the clock. A model and its training need neither."""

import ast
from collections.abc import Iterator

from assistant.scope.finding import found
from assistant.scope.sources import Source
from knowledge.syntax import dotted
from sandbox.report import Finding

FRAMEWORKS = {"torch", "keras", "tensorflow", "pytest", "builtins", "tf_keras", "sklearn", "time", "json", "os"}
SETTINGS = {
    "backends",
    "config",
    "_dynamo",
    "_inductor",
    "experimental",
    "options",
    "set_float32_matmul_precision",
    "environ",
}
"""Parts of a framework that are there to be assigned to."""


def find_patches(source: Source) -> Iterator[Finding]:
    """An attribute of a framework's module or class that is given another value."""
    names = _imported(source.tree)
    for node in ast.walk(source.tree):
        for target in _targets(node):
            root, _, rest = target.partition(".")
            if rest and names.get(root) in FRAMEWORKS and not set(target.split(".")) & SETTINGS:
                message = f"{target} is replaced, so what is watched or tested is no longer the framework's own."
                fix = "Leave the framework as it is; write a function or class of your own and call that."
                yield found(source, node, "framework-patched", "critical", message, fix)


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Assign):
        return [dotted(one) for one in node.targets]
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)) and getattr(node, "value", None) is not None:
        return [dotted(node.target)]
    if isinstance(node, ast.Call) and dotted(node.func) == "setattr" and len(node.args) == 3:
        attribute = node.args[1].value if isinstance(node.args[1], ast.Constant) else "?"
        return [f"{owner}.{attribute}"] if (owner := dotted(node.args[0])) else []
    return []


def _imported(tree: ast.Module) -> dict[str, str]:
    """Name in the file -> the package that it was imported from; a name that is assigned anew stands for itself."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname or one.name.split(".")[0]: one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {one.asname or one.name: node.module.split(".")[0] for one in node.names}
    anew = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return {name: package for name, package in names.items() if name not in anew}
