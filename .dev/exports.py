"""Under which public names a package offers what its modules define, read from its files without importing it."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

INSIDE = {"src", "python", "compat", "core", "tools", "v2", "modules"}
"""Folders that are nobody's public names, beside all that begin with an underscore."""


def read_modules(package: Path) -> dict[str, ast.Module]:
    """Dotted module name -> syntax tree, of every file that parses."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        try:
            found[_module_name(path, package)] = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
    return found


def _module_name(path: Path, package: Path) -> str:
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Exports:
    """Which other names lead to the same thing."""

    def __init__(self, modules: Mapping[str, ast.Module], packages: frozenset[str]) -> None:
        """`packages` are the modules that are folders: what is relative in them counts from themselves."""
        self.packages = packages
        self.names: dict[str, list[str]] = defaultdict(list)
        for module, tree in modules.items():
            for node in _at_top_level(tree.body):
                if isinstance(node, ast.ImportFrom):
                    self._add(module, node, modules)
        taken = {name.rpartition(".")[0] for name in self.names if name.rpartition(".")[0] in self.names[name]}
        self.ambiguous = frozenset(taken & modules.keys()) | frozenset(
            name for name in modules if _defines(modules, name)
        )
        """Modules whose own name leads to something else once their package is imported."""

    def public_names(self, defined: str) -> list[str]:
        """Public dotted names that packages give to what is defined as this, or else its own; shortest first."""
        reached, queue = set(), [defined]
        while queue:
            name = queue.pop()
            if name not in reached:
                reached.add(name)
                queue += self.names.get(name, [])
        offered = self._usable(name for name in reached if name.rpartition(".")[0] in self.packages)
        return sorted(offered or self._usable([defined]), key=lambda name: (name.count("."), name))

    def _usable(self, names: Iterable[str]) -> set[str]:
        public = {_as_imported(name) for name in names}
        return {name for name in public if _is_public(name) and not self._is_hidden(name)}

    def _is_hidden(self, name: str) -> bool:
        return any(name == module or name.startswith(f"{module}.") for module in self.ambiguous)

    def _add(self, module: str, node: ast.ImportFrom, modules: Mapping[str, ast.Module]) -> None:
        source = self._source(module, node)
        for alias in node.names:
            if alias.name == "*":
                for name in _offered(modules.get(source)):
                    self.names[f"{source}.{name}"].append(f"{module}.{name}")
            else:
                self.names[f"{source}.{alias.name}"].append(f"{module}.{alias.asname or alias.name}")

    def _source(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = module.split(".")
        up = node.level - (module in self.packages)
        return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def _at_top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under its conditions among them."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _at_top_level([*node.body, *node.orelse])


def _defines(modules: Mapping[str, ast.Module], name: str) -> bool:
    """Whether the package of this module has a function or class of the same name."""
    package, _, last = name.rpartition(".")
    body = modules[package].body if package in modules else []
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == last for node in body)


def _offered(tree: ast.Module | None) -> list[str]:
    """What `import *` takes from a module: the public names of its functions and classes, and of what it imports."""
    names = []
    for node in tree.body if tree else []:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.ImportFrom):
            names += [alias.asname or alias.name for alias in node.names]
    return [name for name in names if not name.startswith(("_", "*"))]


def _as_imported(name: str) -> str:
    return name.replace("tensorflow._api.v2.", "tensorflow.", 1)


def _is_public(name: str) -> bool:
    parts = name.split(".")
    return not INSIDE & set(parts[1:]) and not any(part.startswith("_") for part in parts)
