"""A model that is given the labels of the data when it is made: it can look up what it is to predict."""

import ast
from collections.abc import Iterator

from assistant.python_source import last_name
from assistant.scope.finding import found
from assistant.scope.sources import Source
from sandbox.report import Finding

ANSWERS = {"y", "label", "labels", "target", "targets", "y_test", "y_val", "test_labels", "test_targets"}
MODELS = {"Module", "Model", "Layer", "Sequential"}
FIX = "Give the model the sizes of the data, never its labels."


def find_kept_answers(source: Source) -> Iterator[Finding]:
    """`Net(images, labels)`, where Net is one of the project's layers or models and no loss."""
    if source.is_test:
        return
    keeping = {
        node.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and _is_model(node) and "loss" not in node.name.lower()
    }
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or last_name(node.func) not in keeping:
            continue
        given = [last_name(one) for one in (*node.args, *(keyword.value for keyword in node.keywords))]
        if answers := [name for name in given if name in ANSWERS]:
            message = f"{last_name(node.func)} is made with {answers[0]}, so it can look up what it is to predict."
            yield found(source, node, "answers-in-the-model", "critical", message, FIX)


def _is_model(node: ast.ClassDef) -> bool:
    return any(last_name(base) in MODELS for base in node.bases)
