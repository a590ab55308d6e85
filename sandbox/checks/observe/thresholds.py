"""Where in a program's text what a call answered is compared with a number between 0 and 1.

Runs inside the jail, once the program has ended. The text tells where to look; what was answered is told by the run.
"""

import ast
from collections.abc import Collection, Iterator

from observe.source import tree_of

KEEPING = ("numpy", "squeeze", "flatten", "ravel", "reshape", "astype", "cpu", "detach")
"""Methods after which the values are what they were."""

Cut = tuple[float, tuple[str, int]]


def cuts(file: str, line: int, names: Collection[str] = ("predict",)) -> Cut | None:
    """(threshold, place) of the first comparison of what the call on this line of one of these names answered."""
    tree = tree_of(file)
    for scope in _scopes(tree, line) if tree is not None else ():
        answers = Answers(line, names)
        answers.follow(scope)
        for node in ast.walk(scope):
            cut = _cut(node)
            if cut is not None and cut[1].lineno >= line and answers.hold(cut[1]):
                return cut[0], (file, cut[1].lineno)
    return None


def _scopes(tree: ast.Module, line: int) -> Iterator[ast.AST]:
    """The innermost function around the line, and else the module."""
    around = [
        one
        for one in ast.walk(tree)
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.lineno <= line <= (one.end_lineno or 0)
    ]
    yield max(around, key=lambda one: one.lineno) if around else tree


class Answers:
    """What holds the answer of a call, through reshapes and other names."""

    def __init__(self, line: int, called: Collection[str]) -> None:
        self.line, self.called = line, called
        self.names: set[str] = set()

    def follow(self, scope: ast.AST) -> None:
        """Follow the assignments of a scope, in the order of its lines."""
        for node in sorted((one for one in ast.walk(scope) if isinstance(one, ast.Assign)), key=lambda one: one.lineno):
            target = node.targets[0]
            if isinstance(target, ast.Name) and (node.end_lineno or node.lineno) >= self.line:
                (self.names.add if self.hold(node.value) else self.names.discard)(target.id)

    def hold(self, node: ast.AST) -> bool:
        """Whether an expression is the answer itself, with its values unchanged."""
        if isinstance(node, ast.Name):
            return node.id in self.names
        if isinstance(node, ast.Subscript):
            return self.hold(node.value)
        if not isinstance(node, ast.Call):
            return False
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr in KEEPING:
            return self.hold(node.args[0] if _is_module(method.value) and node.args else method.value)
        name = method.attr if isinstance(method, ast.Attribute) else getattr(method, "id", None)
        return node.lineno <= self.line <= (node.end_lineno or node.lineno) and name in self.called


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "tf")


def _cut(node: ast.AST) -> tuple[float, ast.expr] | None:
    """(number, what is compared with it), also in np.where and np.round."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Gt, ast.GtE)):
        bound = node.comparators[0]
        if isinstance(bound, ast.Constant) and isinstance(bound.value, float) and 0 < bound.value < 1:
            return bound.value, node.left
    called = node.func if isinstance(node, ast.Call) and node.args else None
    if isinstance(called, ast.Attribute) and called.attr in ("round", "rint") and _is_module(called.value):
        return 0.5, node.args[0]
    return None
