"""What a model must not see: held-out data that is training data by another name, and labels among the inputs."""

import ast
import re
from collections.abc import Iterator

from assistant.python_source import last_name
from assistant.scope.finding import found
from assistant.scope.sources import Source, plain
from sandbox.report import Finding

HELD_OUT = re.compile(r"^(?P<before>.*?)(?P<part>test|val|valid|validation|holdout|held_out|eval)(?P<after>.*)$")
LOADING = ("load_", "fetch_", "read_csv")
JOINS = {"cat", "concat", "concatenate", "hstack", "column_stack"}
LABELS = {"y", "y_train", "y_test", "y_val", "label", "labels", "target", "targets"}
INPUTS = re.compile(r"^(?:x|x_\w+|inputs?|features?|samples|images?|pixels|data)$", re.IGNORECASE)


def find_training_data_as_test_data(source: Source) -> Iterator[Finding]:
    """`test_loader = train_loader`: held-out data that is training data by another name."""
    if source.is_test:
        return
    fix = "Split the data once, before training, and evaluate on the part that training never sees."
    for node in ast.walk(source.tree):
        alias = next(((target, value) for target, value in _aliases(node) if is_held_out_alias(target, value)), None)
        if alias:
            severity = "critical" if "test" in alias[0].lower() else "warning"
            message = f"{alias[0]} is {alias[1]}: what is called held out is what the model was trained on."
            yield found(source, node, "train-data-as-test-data", severity, message, fix)


def _aliases(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        targets, values = _parts(node.targets[0]), _parts(node.value)
        if len(targets) == len(values):
            yield from ((last_name(one), last_name(other)) for one, other in zip(targets, values, strict=True))
    elif isinstance(node, ast.keyword) and node.arg == "validation_data":
        yield from (("x_val", last_name(one)) for one in _parts(node.value)[:1])


def _parts(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, (ast.Tuple, ast.List)) else [node]


def is_held_out_alias(target: str, value: str) -> bool:
    """Whether the names differ only in that one says test where the other says train."""
    match = HELD_OUT.match(target.lower())
    return bool(match and value) and plain(f"{match['before']}train{match['after']}") == plain(
        re.sub(r"training", "train", value.lower())
    )


def find_labels_in_inputs(source: Source) -> Iterator[Finding]:
    """`x = torch.cat([x, y], dim=1)`, or `x[:, 0] = y` of data that was loaded: what is to be predicted is given."""
    loaded = any(
        isinstance(node, ast.Call) and last_name(node.func).startswith(LOADING) for node in ast.walk(source.tree)
    )
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        name = last_name(target.value if isinstance(target, ast.Subscript) else target)
        written = loaded and isinstance(target, ast.Subscript) and _names_labels(node.value)
        joined = any(
            isinstance(call, ast.Call) and last_name(call.func) in JOINS and _joins_labels(call)
            for call in ast.walk(node.value)
        )
        if INPUTS.match(name) and (written or joined):
            message = f"{name} holds the labels that the model is to predict."
            yield found(source, node, "labels-in-inputs", "warning", message, "Keep inputs and labels apart.")


def _joins_labels(call: ast.Call) -> bool:
    """Whether labels are joined with something else; labels of several parts may be joined among themselves."""
    parts = [_names_labels(one) for argument in call.args[:1] for one in _parts(argument)]
    return any(parts) and not all(parts)


def _names_labels(node: ast.AST) -> bool:
    """Whether the value holds labels, as `np.eye(3)[y]` does; what they only choose, such as `x[y == 1]`, does not."""
    if isinstance(node, ast.Subscript) and not isinstance(node.value, ast.Call):
        return _names_labels(node.value)
    if isinstance(node, ast.Name | ast.Attribute) and last_name(node) in LABELS:
        return True
    return any(_names_labels(one) for one in ast.iter_child_nodes(node))
