"""Whether a run reached what a program shows: one that ends at once, for want of a GPU, proves nothing."""

import ast
import re
from collections.abc import Iterator, Sequence

from ingest.apis import MODULES, used_apis
from ingest.python_source import parsed
from ingest.schema import Refusal

LEAST = 0.5
UNSEEN = re.compile(
    r"\b(?:tf|tensorflow)\.function\b|\btorch\.(?:compile|jit|export|fx)\b|\bjit_compile\b|\bsymbolic_trace\b"
)
"""These run functions in another form, of which Python's tracing sees nothing."""


def not_reached(code: str, reached: Sequence[int]) -> Refusal | None:
    """Why this run, which reached these lines, proves too little; None where it reached enough."""
    lines = set(_framework_lines(code))
    met = lines & set(reached)
    if len(met) >= LEAST * len(lines):
        return None
    return Refusal(
        f"it ran to its end, and reached only {len(met)} of the {len(lines)} lines that use the framework",
        about="it ran to its end, and reached only a few of the lines that use the framework",
    )


def _framework_lines(code: str) -> Iterator[int]:
    """First lines of the statements that use the framework, imports and the heads of definitions aside."""
    tree = parsed(code)
    names = {api.split(".")[0] for api in used_apis(tree)} & MODULES.keys()
    bound = {alias.asname or alias.name.split(".")[0] for node in ast.walk(tree) for alias in _aliases(node, names)}
    for node in _statements(tree, inside=not UNSEEN.search(code)):
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own = [inner for inner in _own(node) if isinstance(inner, ast.Name) and inner.id in bound]
            if own:
                yield node.lineno


def _aliases(node: ast.AST, modules: set[str]) -> list[ast.alias]:
    if isinstance(node, ast.Import):
        return [alias for alias in node.names if alias.name.split(".")[0] in modules]
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in modules:
        return node.names
    return []


def _statements(node: ast.AST, *, inside: bool) -> Iterator[ast.stmt]:
    """Every statement, in the bodies of functions only where `inside`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if inside or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _statements(child, inside=inside)


def _own(node: ast.stmt) -> Iterator[ast.AST]:
    """What belongs to a statement itself, not to the statements in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.ExceptHandler):
            yield child
            yield from ast.walk(child)
