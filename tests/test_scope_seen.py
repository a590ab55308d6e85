"""What a run shows of a program's choices, in both frameworks, and through the front door."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.drafters.scripted import ScriptedDrafter
from assistant.schema import PythonMLDLRequest
from assistant.scope.judge import judge_scope
from sandbox.base import Sandbox
from sandbox.evidence import read_evidence
from sandbox.observed import look
from sandbox.verify import verify

DATA = Path(__file__).parent / "data" / "scope"
KERAS = (DATA / "keras" / "train.py").read_text(encoding="utf-8")
READS = """
import {library}
import numpy as np
import torch
from torch import nn

x = torch.tensor({read}, dtype=torch.float32)
y = x[:, :1] * 2
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(20):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
"""
TABLE = "a,b\n" + "".join(f"{n / 10},{n % 3}\n" for n in range(40))


def regression(**training: object) -> PythonMLDLRequest:
    model = {"architecture": "mlp", "hidden_dim": 48, "num_layers": 2, "dropout": 0.1, "activation": "gelu"}
    info = {"dataset_name": "diabetes", "source": "sklearn", "input_shape": [10]}
    stated = [f"model_config.{name}" for name in model] + [f"training_config.{name}" for name in training]
    return PythonMLDLRequest.model_validate(
        {
            "framework": "tensorflow",
            "ml_task": {"type": "regression", "dataset_info": info},
            "model_config": model,
            "training_config": {**training, "early_stopping": {"enabled": True, "patience": 4}},
            "stated": [
                "framework",
                "ml_task.dataset_info.dataset_name",
                "ml_task.dataset_info.input_shape",
                "training_config.early_stopping.enabled",
                "training_config.early_stopping.patience",
                *stated,
            ],
        }
    )


ASKED = regression(optimizer="sgd", learning_rate=0.05, batch_size=32, gradient_clipping=1.0, seed=7, loss="huber")
CHANGES = [
    ("keras.losses.Huber()", '"mse"', "training_config.loss"),
    ("keras.layers.Dense(48", "keras.layers.Dense(12", "model_config.hidden_dim"),
    ("patience=4", "patience=40", "training_config.early_stopping.patience"),
    ("batch_size=32", "batch_size=64", "training_config.batch_size"),
    ("keras.optimizers.SGD", "keras.optimizers.Adam", "training_config.optimizer"),
    ("global_clipnorm=1.0", "global_clipnorm=9.0", "training_config.gradient_clipping"),
    ("Dropout(0.1)", "Dropout(0.4)", "model_config.dropout"),
    ("set_random_seed(7)", "set_random_seed(8)", None),
]


def contradicted(code: str, sandbox: Sandbox) -> tuple[set[str], set[str]]:
    """Names of the fields that are not as asked, and of all that were judged."""
    report = verify({"train.py": code}, framework="tensorflow", sandbox=sandbox)
    judged = judge_scope(ASKED, {"train.py": code}, report)
    evidence = next(one for one in judged.checks if one.id == "scope-kept").evidence
    return {one["field"] for one in evidence["contradicted"]}, set(evidence["judged"])


def test_a_keras_program_that_does_as_asked_contradicts_nothing(sandbox: Sandbox) -> None:
    wrong, judged = contradicted(KERAS, sandbox)
    assert wrong == set()
    assert judged == {*ASKED.stated}


def test_each_thing_that_a_keras_program_does_otherwise_is_named(sandbox: Sandbox) -> None:
    code = KERAS
    for old, new, _ in CHANGES:
        assert old in code
        code = code.replace(old, new)
    wrong, _ = contradicted(code, sandbox)
    assert wrong == {field for _, _, field in CHANGES if field}


@pytest.mark.parametrize(
    ("library", "read", "is_read"),
    [
        ("csv", "np.loadtxt('data/x.csv', delimiter=',', skiprows=1)", True),
        ("pandas", "pandas.read_csv('data/x.csv').to_numpy()", True),
        ("mmap", "np.random.default_rng(0).normal(size=(40, 2))", False),
    ],
)
def test_a_data_file_counts_only_where_it_is_really_read(
    library: str, read: str, is_read: bool, sandbox: Sandbox
) -> None:
    files: dict[str, str | bytes] = {"train.py": READS.format(library=library, read=read), "data/x.csv": TABLE}
    seen = verify(files, framework="pytorch", sandbox=sandbox, entry="train.py").seen
    assert (seen.files_read == ["data/x.csv"]) == is_read
    assert (seen.files_unread == ["data/x.csv"]) != is_read


def test_the_loop_goes_on_until_a_draft_does_what_was_asked(open_with: Callable[..., Assistant]) -> None:
    names = ("train.py", "tests/test_model.py")
    honest: dict[str, str | bytes] = {name: (DATA / "torch" / name).read_text(encoding="utf-8") for name in names}
    code = str(honest["train.py"])
    faulty = {**honest, "train.py": code.replace("            optimizer.zero_grad()\n", "")}
    shrunk = {**honest, "train.py": code.replace("HIDDEN, EPOCHS, BATCH = 64", "HIDDEN, EPOCHS, BATCH = 24")}
    drafter = ScriptedDrafter([faulty, shrunk, honest])
    question = (
        "classify scikit-learn's digits in PyTorch with a small network with 64 hidden units and AdamW, TensorBoard"
    )
    answer = open_with(drafter=drafter).ask(question, thread_id="t")
    assert [repair.fault for repair in drafter.asked] == ["missing-zero-grad", "scope-kept"]
    assert answer.outcome == "verified"
    assert answer.best_attempt == 3


def test_choices_that_are_malformed_leave_the_rest_of_the_facts_alone() -> None:
    frame = {"kind": "facts", "steps": 3, "backwards": 3, "choices": {"seeds": ["many"], "epochs": 2}}
    evidence = read_evidence([frame])
    assert evidence.malformed == 0
    assert evidence.facts is not None
    assert evidence.facts.steps == 3
    assert evidence.facts.choices is None
    assert not look(evidence).observed
