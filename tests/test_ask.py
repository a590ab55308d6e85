"""Questions in, proved projects out: the embedded drafter through the real graph, index and sandbox."""

from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant
from assistant.schema import PythonMLDLResponse

DIGITS = "Train a small CNN on scikit-learn's handwritten digits with early stopping and TensorBoard"


def assert_proved(answer: PythonMLDLResponse) -> None:
    """Verified, with each of the six fields computed to be true."""
    failed = [
        check for check in (answer.attempts[-1].verify.checks if answer.attempts else []) if check.status == "failed"
    ]
    assert answer.outcome == "verified", (answer.answer[:500], failed)
    assert set(answer.validation.model_dump().values()) == {True}


def assert_learned(answer: PythonMLDLResponse) -> None:
    """Proved, with a good accuracy and all figures."""
    assert_proved(answer)
    assert answer.metrics.evaluation["accuracy"] >= 0.95
    assert answer.metrics.num_parameters > 0
    assert answer.metrics.flops > 0
    assert answer.metrics.inference_time_ms > 0
    assert answer.metrics.peak_memory_mb > 0
    assert answer.deliverables.experiment_tracking.metrics_tracked
    used = {item.id for item in answer.patterns}
    assert {item.pattern for item in answer.deliverables.files_created if item.path == "model.py"} <= used


@pytest.fixture(scope="module")
def digits(assistant: Assistant) -> PythonMLDLResponse:
    """The first answer of the thread "digits", in PyTorch."""
    return assistant.ask(DIGITS, thread_id="digits")


def test_the_digits_are_learned_and_every_field_is_proved(digits: PythonMLDLResponse) -> None:
    assert_learned(digits)


@pytest.mark.usefixtures("digits")
def test_a_follow_up_keeps_the_data_and_changes_what_it_names(assistant: Assistant) -> None:
    answer = assistant.ask("the same in Keras, with a cosine learning-rate schedule", thread_id="digits")
    assert_learned(answer)
    assert answer.framework == "tensorflow"
    assert answer.request.training_config.lr_scheduler == "cosine"
    assert answer.request.training_config.early_stopping.enabled
    assert answer.request.ml_task.dataset_info.dataset_name == "digits"


COMPOSED = [
    "a ResNet for the digits in {framework}, with gradient clipping at 1.0 and mixed precision, 6 epochs",
    "classify the wine data with an MLP in {framework} with two hidden layers of 32 units and SGD and a step schedule",
    "regression on the diabetes data in {framework} with an MLP, plateau schedule",
    "text classification with an LSTM in {framework}, synthetic data, sequences of 12 tokens, vocabulary of 100, "
    "2 classes, 8 epochs",
    "text classification with a small transformer in {framework} on synthetic data, sequences of 12 tokens, "
    "vocabulary of 100, 2 classes, 8 epochs, exponential schedule",
    "CNN in {framework} for synthetic RGB images of 16x16 with 3 classes and 600 samples, with flips and shifts, "
    "lion optimizer, 6 epochs",
]


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["PyTorch", "Keras"])
@pytest.mark.parametrize("question", COMPOSED)
def test_every_kind_of_project_is_proved_in_both_frameworks(
    assistant: Assistant, question: str, framework: str
) -> None:
    asked = question.format(framework=framework)
    assert_proved(assistant.ask(asked, thread_id=f"{framework}-{hash(question)}"))


def churn_csv(folder: Path) -> Path:
    """A table with numbers, categories and gaps, whose target follows from them."""
    random = np.random.default_rng(0)
    rows = ["age,plan,calls,churn"]
    for _ in range(400):
        age, calls = random.integers(18, 80), random.integers(0, 30)
        plan = random.choice(["basic", "plus", "max"])
        churn = "yes" if calls + (10 if plan == "basic" else 0) > 18 else "no"
        rows.append(f"{'' if random.random() < 0.05 else age},{plan},{calls},{churn}")
    path = folder / "churn.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_an_attached_table_is_learned_from_and_lies_in_the_project(assistant: Assistant, tmp_path: Path) -> None:
    answer = assistant.ask("predict churn from this table", thread_id="csv", attachments=[churn_csv(tmp_path)])
    assert_proved(answer)
    assert answer.metrics.evaluation["accuracy"] > 0.8
    assert "data/churn.csv" in {file.path for file in answer.deliverables.files_created}


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["PyTorch", "Keras"])
def test_attached_arrays_are_learned_from(assistant: Assistant, tmp_path: Path, framework: str) -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 400)
    images = random.normal(size=(400, 12, 12, 3)) + labels[:, None, None, None]
    np.savez(tmp_path / "tiles.npz", x=images.astype("float32"), y=labels)
    question = f"classify these images with a CNN in {framework}, 5 epochs"
    answer = assistant.ask(question, thread_id=f"npz-{framework}", attachments=[tmp_path / "tiles.npz"])
    assert_proved(answer)
    assert answer.metrics.evaluation["accuracy"] > 0.8


def test_a_question_that_needs_no_code_is_explained_from_a_vetted_pattern(assistant: Assistant) -> None:
    answer = assistant.ask("why do I get a RuntimeError about mat1 and mat2 shapes in PyTorch?", thread_id="why")
    assert answer.outcome == "explained"
    assert answer.patterns
    assert "```python" in answer.answer


@pytest.mark.parametrize("question", ["what is the weather in Paris?", "write me a poem about the sea"])
def test_a_question_outside_the_scope_is_declined(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, thread_id="outside")
    assert answer.outcome == "declined"
    assert not answer.deliverables.files_created


def test_a_question_back_is_asked_and_its_reply_goes_on(assistant: Assistant) -> None:
    first = assistant.ask("train an MLP on my data in PyTorch for 3 epochs", thread_id="back")
    assert first.outcome == "question"
    second = assistant.ask("use the iris data", thread_id="back")
    assert second.outcome == "verified"
    assert second.request.ml_task.dataset_info.dataset_name == "iris"
    assert second.request.training_config.num_epochs == 3


def test_a_second_question_back_is_asked_like_the_first(assistant: Assistant) -> None:
    assert assistant.ask("train an MLP on my data in PyTorch", thread_id="twice").outcome == "question"
    assert assistant.ask("use MNIST", thread_id="twice").outcome == "question"
    assert assistant.history("twice")[-1][0] == "ai"
