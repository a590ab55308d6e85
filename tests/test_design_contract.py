"""What is declared of a draft before it runs."""

import pytest

from assistant.design.contract import declare
from assistant.request.understand import understand


@pytest.mark.parametrize(
    ("question", "framework", "expected"),
    [
        (
            "a small CNN for 28x28 grayscale images with 10 classes",
            "pytorch",
            {"input_axes": ("batch", "channel", "height", "width"), "output_axes": ("batch", "class"), "causal": None},
        ),
        (
            "a small CNN for 28x28 grayscale images with 10 classes",
            "tensorflow",
            {"input_axes": ("batch", "height", "width", "channel")},
        ),
        (
            "a U-Net for 3-class segmentation of 128x128 RGB tiles",
            "tensorflow",
            {"output_axes": ("batch", "height", "width", "class")},
        ),
        ("a character-level GPT", "pytorch", {"causal": True, "output_axes": ("batch", "time", "class")}),
        (
            "a BERT classifier for short texts with 2 classes",
            "pytorch",
            {"causal": False, "stochastic_evaluation": False},
        ),
        ("a DCGAN for 32x32 images", "pytorch", {"update": "alternating"}),
        ("an MLP with gradient accumulation over 4 batches", "pytorch", {"update": "accumulated"}),
        ("an MLP for tabular regression", "pytorch", {"update": "each", "input_axes": ("batch", "feature")}),
        ("a variational autoencoder for images", "tensorflow", {"stochastic_evaluation": True}),
        ("a SimCLR contrastive encoder for images", "pytorch", {"mixes_batch": True}),
    ],
)
def test_the_contract_follows_from_what_was_asked_for(question, framework, expected):
    request = understand(f"{question} in {framework}", composes=False).request
    assert request is not None and request.framework == framework
    contract = declare(request)
    assert {name: getattr(contract, name) for name in expected} == expected
