"""Figures that nothing computed: a score that stands in the code as a number."""

import ast
import re
from collections.abc import Iterator

from assistant.python_source import last_name
from assistant.scope.finding import found
from assistant.scope.sources import Source
from sandbox.report import Finding

METRIC = r"(?:accuracy|acc|f1|f1[ _-]?score|auc|auroc|r2|bleu)"
METRIC_NAME = re.compile(rf"(?:^|_){METRIC}(?:_score)?$")
A_GOAL = re.compile(
    r"target|goal|threshold|least|min|max|best|baseline|expect|require|want|chance|init|stop|patience|tol"
)
SAID = re.compile(rf"\b{METRIC}\b\W{{0,4}}(?:is|was|of|=|:)?\W{{0,3}}(?:0?\.\d+|\d\d(?:\.\d+)? ?%)", re.IGNORECASE)
TELLING = {"print", "info", "write", "echo", "add_scalar", "log", "write_text", "success", "warning"}
FIX = "Compute the figure from predictions and targets."


def find_made_up_figures(source: Source) -> Iterator[Finding]:
    """A score that stands in the code as a number: assigned, returned, printed or logged."""
    if source.is_test:
        return
    computed = _computed_names(source.tree)
    for node in _outside_of_classes(source.tree):
        name = _hard_coded(node, computed)
        if name:
            message = f"{name} is a number that stands in the code, and nothing computes it."
            yield found(source, node, "metric-hard-coded", "critical", message, FIX)


def _outside_of_classes(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but the fields of classes, which are settings."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        fields = (ast.Assign, ast.AnnAssign)
        children = ast.iter_child_nodes(node)
        waiting += [one for one in children if not (isinstance(node, ast.ClassDef) and isinstance(one, fields))]
        yield node


def _computed_names(tree: ast.Module) -> set[str]:
    """Names that are somewhere given more than a literal: a literal given to them elsewhere is a start."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
            names |= {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        elif isinstance(node, (ast.AugAssign, ast.For)):
            names |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
    return names


def _hard_coded(node: ast.AST, computed: set[str]) -> str | None:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            return name if is_metric(name) and name not in computed and _is_score(value) else None
        case ast.Dict(keys=keys, values=values):
            pairs = [
                (key.value, value) for key, value in zip(keys, values, strict=True) if isinstance(key, ast.Constant)
            ]
            return next((str(key) for key, value in pairs if is_metric(str(key)) and _is_score(value)), None)
        case ast.Call() if last_name(node.func) in TELLING:
            return _told(node)
    return None


def _told(call: ast.Call) -> str | None:
    """The score that a sentence holds, or that is logged under a metric's name."""
    if last_name(call.func) == "add_scalar":
        text = _literal_text(call.args[0]) if len(call.args) > 1 else ""
        return text if is_metric(text.split("/")[-1]) and _is_score(call.args[1]) else None
    text = " ".join(_literal_text(one) for one in call.args)
    match = SAID.search(text)
    return match.group() if match and not A_GOAL.search(text.lower()) else None


def _literal_text(node: ast.expr) -> str:
    """What a literal says by itself; the values in an f-string are left out."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return ""


def is_metric(name: str) -> bool:
    lowered = name.lower()
    return not name.isupper() and bool(METRIC_NAME.search(lowered)) and not A_GOAL.search(lowered)


def _is_score(value: ast.expr | None) -> bool:
    """A number that a good result would have; 0, 0.5 and 1 are where counting starts."""
    if not isinstance(value, ast.Constant) or type(value.value) not in (int, float):
        return False
    return 0.5 < value.value < 1 or (isinstance(value.value, float) and 50 < value.value < 100)
