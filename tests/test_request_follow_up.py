"""Questions that change the one before, and the lock on what was stated."""

from typing import Any

import pytest

from assistant.request.fields import field_values
from assistant.request.invariants import changed_invariants
from assistant.request.understand import understand
from assistant.schema import PythonMLDLRequest

FIRST = "Train a small CNN on scikit-learn's handwritten digits with early stopping, 20 epochs, dropout 0.3"
D, M, T = "ml_task.dataset_info", "model_config", "training_config"


@pytest.fixture
def digits() -> PythonMLDLRequest:
    request = understand(FIRST).request
    assert request is not None
    return request


KEPT = {f"{D}.dataset_name": "digits", f"{M}.architecture": "cnn", f"{T}.num_epochs": 20, f"{M}.dropout": 0.3}


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ("the same in Keras, with a cosine learning-rate schedule",
         {"framework": "tensorflow", f"{T}.lr_scheduler": "cosine"}),
        ("what about Keras?", {"framework": "tensorflow"}),
        ("in keras please", {"framework": "tensorflow"}),
        ("now with mixed precision", {f"{T}.mixed_precision": True}),
        ("use a ResNet instead", {f"{M}.architecture": "resnet"}),
        ("make it deeper: 4 layers", {f"{M}.num_layers": 4}),
        ("make it deeper", {f"{M}.num_layers": 3}),
        ("with lr 0.01 and no early stopping", {f"{T}.learning_rate": 0.01, f"{T}.early_stopping.enabled": False}),
        ("train it longer", {f"{T}.num_epochs": 40}),
        ("50 epochs", {f"{T}.num_epochs": 50}),
        ("change epochs from 20 to 30", {f"{T}.num_epochs": 30}),
        ("remove the dropout", {f"{M}.dropout": 0.0}),
        ("0.1 dropout", {f"{M}.dropout": 0.1}),
        ("turn off tensorboard", {"experiment_config.tensorboard_enabled": False}),
        ("can you use sgd?", {f"{T}.optimizer": "sgd"}),
    ],
)  # fmt: skip
def test_a_follow_up_changes_what_it_names_and_keeps_the_rest(
    question: str, changes: dict[str, Any], digits: PythonMLDLRequest
) -> None:
    understanding = understand(question, previous=digits)
    assert understanding.kind == "build", understanding
    assert understanding.request is not None
    values = field_values(understanding.request)
    expected = KEPT | changes
    assert {name: values[name] for name in expected} == expected
    assert set(changes) | set(digits.stated) == set(understanding.request.stated)


def test_other_data_takes_its_own_facts_and_an_architecture_that_fits(digits: PythonMLDLRequest) -> None:
    understanding = understand("for the iris data", previous=digits)
    assert understanding.request is not None
    values = field_values(understanding.request)
    assert understanding.kind == "build"
    assert (values[f"{D}.input_shape"], values[f"{D}.modality"], values[f"{M}.architecture"]) == ([4], "tabular", None)
    assert values[f"{T}.num_epochs"] == 20
    assert any("cnn" in line for line in understanding.assumptions)


def test_other_data_with_another_task_drops_the_old_target() -> None:
    before = understand("iris mlp with at least 95% accuracy").request
    after = understand("now for the diabetes data", previous=before).request
    assert after is not None
    assert after.ml_task.type == "regression"
    assert after.ml_task.performance_requirements.target_metric is None


@pytest.mark.parametrize(
    "question", ["Build an LSTM text classifier with 3 classes", "iris mlp", "train an mlp on wine"]
)
def test_a_question_with_its_own_subject_starts_afresh(question: str, digits: PythonMLDLRequest) -> None:
    request = understand(question, previous=digits).request
    assert request is not None
    assert request.training_config.num_epochs is None
    assert not request.training_config.early_stopping.enabled


@pytest.mark.parametrize(
    ("first", "reply", "name", "value"),
    [
        ("train a resnet on CIFAR-10", "synthetic then", f"{D}.input_shape", [3, 32, 32]),
        ("train a cnn on MNIST", "use the digits", f"{D}.dataset_name", "digits"),
        ("cnn or resnet on digits", "the resnet", f"{M}.architecture", "resnet"),
        ("digits cnn in pytorch and keras", "keras", "framework", "tensorflow"),
        ("digits 20 epochs and 30 epochs", "number of epochs 30", f"{T}.num_epochs", 30),
        ("train a neural network with 12 epochs", "on iris", f"{T}.num_epochs", 12),
        ("I have 500 grayscale images of 64x64 in 4 categories", "synthetic", f"{D}.num_samples", 500),
        ("classification of the diabetes data", "regression", "ml_task.type", "regression"),
    ],
)
def test_the_reply_to_a_question_back_completes_the_request(first: str, reply: str, name: str, value: Any) -> None:
    asked = understand(first)
    assert asked.kind == "question"
    answered = understand(reply, previous=asked.request)
    assert answered.kind == "build", answered
    assert answered.request is not None
    assert field_values(answered.request)[name] == value


def test_data_that_is_missing_stays_missing_until_it_is_named() -> None:
    asked = understand("train a cnn on MNIST")
    assert understand("with lr 0.1", previous=asked.request).kind == "question"


@pytest.mark.parametrize(
    ("question", "kind"),
    [("why did the accuracy drop?", "explain"), ("write me a poem", "decline"), ("64", "question"),
     ("now with wandb", "decline"), ("more layers and a smaller learning rate", "question")],
)  # fmt: skip
def test_a_thread_does_not_turn_everything_into_a_change(question: str, kind: str, digits: PythonMLDLRequest) -> None:
    assert understand(question, previous=digits).kind == kind


def test_a_follow_up_leaves_the_earlier_request_as_it_was(digits: PythonMLDLRequest) -> None:
    before = digits.model_copy(deep=True)
    understand("now with mixed precision and 3 layers", previous=digits)
    assert digits == before


def test_the_scope_lock_names_what_changed_of_what_was_stated(digits: PythonMLDLRequest) -> None:
    training = digits.training_config.model_copy(update={"num_epochs": 5, "batch_size": 8})
    after = digits.model_copy(update={"training_config": training, "framework": "tensorflow"})
    assert changed_invariants(digits, digits) == []
    assert changed_invariants(digits, after) == [f"{T}.num_epochs"]
