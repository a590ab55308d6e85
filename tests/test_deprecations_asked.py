"""Old names in a question are told, with what replaced them; names that are still good are not."""

import pytest

from assistant import Assistant
from knowledge.deprecations.asked import outdated_names

OLD = [
    ("torch.chain_matmul", "torch.linalg.multi_dot"),
    ("how do I use torch.symeig for eigenvalues", "torch.linalg.eigh"),
    ("F.upsample(x, scale_factor=2)", "interpolate"),
    ("nn.utils.clip_grad_norm", "clip_grad_norm_"),
    ("why is fit_generator gone", "model.fit"),
    ("metric.reset_states() AttributeError", "reset_state()"),
    ("tf.estimator.DNNClassifier in tensorflow 2.21", "Keras model"),
    ("tf.keras.layers.CuDNNLSTM", "keras.layers.LSTM"),
    ("from torch._six import inf", "torch.inf"),
    ("K.sum(y_true * y_pred)", "keras.ops"),
]
GOOD = [
    "GradScaler",
    "torch.amp.GradScaler and torch.amp.autocast",
    "expand_dims",
    "Adam(learning_rate=0.001)",
    "a script that will train and save a model",
    "torch.save(model.state_dict(), path)",
    "keras.layers.LSTM",
    "tf.data.Dataset.from_generator with output_signature",
    "random.uniform",
    "how to deploy",
    "",
]


@pytest.mark.parametrize(("question", "instead"), OLD)
def test_an_old_name_is_told_with_what_replaced_it(question: str, instead: str) -> None:
    [old] = outdated_names(question)
    assert instead in old.fix and old.since.split()[0] in {"torch", "tensorflow", "keras"}


@pytest.mark.parametrize("question", GOOD)
def test_a_name_that_is_still_good_is_not_told(question: str) -> None:
    assert outdated_names(question) == []


def test_the_search_tells_of_an_old_name_even_where_no_pattern_is_near(assistant: Assistant) -> None:
    found = assistant.search("torch.distributed.checkpoint.save_state_dict")
    assert [old.name for old in found.outdated] == ["torch.distributed.checkpoint.save_state_dict"]


def test_an_old_name_finds_the_pattern_of_what_replaced_it(assistant: Assistant) -> None:
    found = assistant.search("torch.nn.utils.clip_grad_norm", framework="pytorch")
    assert "clip_grad_norm_" in found.results[0].code


def test_an_answer_begins_with_what_became_of_an_old_name(assistant: Assistant) -> None:
    answer = assistant.ask("what should I use instead of torch.chain_matmul?", thread_id="old")
    assert answer.outcome == "explained"
    assert answer.answer.startswith("`torch.chain_matmul` is deprecated since torch")
    assert "torch.linalg.multi_dot" in answer.answer
