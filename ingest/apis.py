"""What a program takes from other packages: their interfaces, its framework, and the topic that these tell."""

import ast
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.errors import Unreadable
from knowledge.patterns import FRAMEWORKS
from knowledge.schema import Framework, Pattern

MODULES: dict[str, Framework] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
PREFIXES = {framework: prefix for prefix, framework in FRAMEWORKS.items()}
OWN = "own"
"""The topic of what is like no pattern that comes with gradproof."""
ALIKE = 0.4


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
    dotted = (ast.unparse(node) for node in outer if _is_dotted(node))
    return sorted({names[root] + name[len(root) :] for name in dotted if (root := name.split(".")[0]) in names})


def _bound(alias: ast.alias) -> tuple[str, str]:
    """The name that an import binds, and what it stands for."""
    root = alias.name.split(".")[0]
    return (alias.asname, alias.name) if alias.asname else (root, root)


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


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


class Topics:
    """Tells the topic of a program by the vetted pattern that comes with gradproof and uses the same interfaces."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._known = [(pattern.topic, pattern.framework, _short(pattern.apis)) for pattern in patterns]
        self._seen = Counter(name for _, _, names in self._known for name in names)

    def topic_of(self, apis: Iterable[str], framework: Framework | None) -> str:
        """Rare interfaces weigh more: `Linear` is everywhere. OWN where no pattern is near."""
        names = _short(apis)
        scored = [
            (self._alike(names, known), topic) for topic, known_framework, known in self._known
            if framework in (None, known_framework)
        ]  # fmt: skip
        best, topic = max(scored, default=(0.0, OWN))
        return topic if best >= ALIKE else OWN

    def _alike(self, one: set[str], other: set[str]) -> float:
        weight = {name: self._weight(name) for name in one | other}
        both = sum(weight[name] for name in one & other)
        every = math.sqrt(sum(weight[name] for name in one) * sum(weight[name] for name in other))
        return both / every if every else 0.0

    def _weight(self, name: str) -> float:
        return math.log((1 + len(self._known)) / (0.5 + self._seen[name])) if self._seen[name] else 1.0


def _short(apis: Iterable[str]) -> set[str]:
    """Without the ways that lead to them: `keras.layers.Dense` and `tensorflow.keras.layers.Dense` are one."""
    return {api.rpartition(".")[2] for api in apis if api.split(".")[0] in MODULES}
