"""The names that a pattern shows beside its program: those that the program proves, and those that it does without."""

import ast

import pytest

from ingest.apis import used_apis
from knowledge.patterns import REPOSITORY, read_patterns
from knowledge.schema import Pattern

SPELLINGS = {"tf.": "tensorflow.", "tensorflow.keras.": "keras."}


@pytest.fixture(scope="module")
def patterns() -> list[Pattern]:
    return read_patterns(REPOSITORY)


def spelled_out(name: str) -> str:
    for short, full in SPELLINGS.items():
        name = full + name.removeprefix(short) if name.startswith(short) else name
    return name


def members(program: ast.Module) -> set[str]:
    """Attributes that the program reaches, over whatever object, and methods that it overrides."""
    bodies = (node.body for node in ast.walk(program) if isinstance(node, ast.ClassDef))
    overridden = {node.name for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
    return overridden | {node.attr for node in ast.walk(program) if isinstance(node, ast.Attribute)}


def unused(code: str, names: list[str]) -> list[str]:
    """Those that a program takes neither from their module nor over an object: a class's member, x.sort()."""
    program = ast.parse(code)
    taken, reached = [f"{spelled_out(used)}." for used in used_apis(program)], members(program)

    def is_used(name: str) -> bool:
        owner, _, member = name.rpartition(".")
        of_object = owner == "torch" or owner.rpartition(".")[2][:1].isupper()
        return any(used.startswith(f"{name}.") for used in taken) or (of_object and member in reached)

    return [name for name in names if not is_used(spelled_out(name))]


@pytest.mark.parametrize(
    ("code", "name", "used"),
    [
        ("import torch.nn.functional as F\nF.softmax(x)", "torch.nn.functional.softmax", True),
        ("import torch.nn.functional as F\nF.softmax(x)", "torch.nn.functional.log_softmax", False),
        ("from keras import ops\nops.cond(a, b, c)", "keras.ops.cond", True),
        ("import tensorflow as tf\ntf.keras.Model.fit", "keras.Model", True),
        ("import tensorflow as tf\ntf.gather(x, y)", "tf.gather", True),
        ("import tensorflow as tf\ntf.gather(x, y)", "tf.gather_nd", False),
        ("import torch\nmodel.state_dict()", "torch.nn.Module.state_dict", True),
        ("import torch\nmodel.parameters()", "torch.nn.Module.state_dict", False),
        ("import torch\nx.sort()", "torch.sort", True),
        ("import numpy as np\nnp.take(x, 1)", "keras.ops.take", False),
        ("import keras\nclass M(keras.Model):\n    def train_step(self, data): ...", "keras.Model.train_step", True),
        ("import copy", "copy.deepcopy", False),
        ("print('torch.cond')", "torch.cond", False),
    ],
)
def test_a_name_is_used_where_the_program_reaches_it(code: str, name: str, used: bool) -> None:
    assert (unused(code, [name]) == []) is used


def test_every_name_shown_as_proved_is_used_by_the_program(patterns: list[Pattern]) -> None:
    found = {pattern.path: unused(pattern.code, pattern.apis) for pattern in patterns}
    assert {path: names for path, names in found.items() if names} == {}


def test_no_name_that_a_program_replaces_is_used_by_it(patterns: list[Pattern]) -> None:
    found = {
        pattern.path: set(map(spelled_out, pattern.replaces))
        & set(map(spelled_out, used_apis(ast.parse(pattern.code))))
        for pattern in patterns
    }
    assert {path: names for path, names in found.items() if names} == {}
