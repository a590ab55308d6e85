"""What a program takes from other packages: their interfaces, and its framework."""

import ast
from collections.abc import Iterable

from ingest.errors import Unreadable
from knowledge.patterns import FRAMEWORKS
from knowledge.schema import Framework
from knowledge.syntax import dotted

MODULES: dict[str, Framework] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
PREFIXES = {framework: prefix for prefix, framework in FRAMEWORKS.items()}


def used_apis(tree: ast.Module) -> list[str]:
    """Dotted names, as imported, of everything that the program takes from other packages."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= dict(_bound(alias) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    outer = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner]
    used = (dotted(node) for node in outer)
    return sorted({names[root] + name[len(root) :] for name in used if (root := name.split(".")[0]) in names})


def _bound(alias: ast.alias) -> tuple[str, str]:
    """The name that an import binds, and what it stands for."""
    root = alias.name.split(".")[0]
    return (alias.asname, alias.name) if alias.asname else (root, root)


def framework_of(apis: Iterable[str]) -> Framework:
    """The one framework that these belong to. Raises Unreadable where it is none or both."""
    found = frameworks_of(apis)
    if len(found) != 1:
        raise Unreadable(f"it uses {'both frameworks' if found else 'neither torch nor tensorflow nor keras'}")
    return found.pop()


def frameworks_of(apis: Iterable[str]) -> set[Framework]:
    return {MODULES[root] for api in apis if (root := api.split(".")[0]) in MODULES}


def needed_modules(tree: ast.Module) -> set[str]:
    """Packages that the program cannot start without: imported at its top level, and not tried for."""
    needed: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            needed |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            needed.add("." if node.level else (node.module or "").split(".")[0])
    return needed
