# /// pattern
# id = "pt.testing.model-tests"
# topic = "testing.models"
# twin = "tf.testing.model-tests"
# questions = [
#   "unit tests for a pytorch model",
#   "pytest for neural networks, what should I test",
#   "test the output shape of a model",
#   "check that samples in a batch do not influence each other",
#   "test that every parameter gets a gradient",
#   "model mixes samples of the batch, view or softmax over the wrong dimension",
#   "unittest pytroch model forward",
#   "sanity checks before training",
# ]
# apis = ["torch.autograd.grad", "torch.nn.Module.named_parameters", "torch.testing.assert_close",
#   "torch.nn.Module.eval"]
# replaces = ["torchtest", "print(output.shape)"]
# why = """Most mistakes in a network raise nothing. Five cheap properties catch them: shape and finite values for more
# than one batch size, a gradient for every parameter, no sample reached by the gradient of another, the same answer
# twice in eval mode, and the same answer after saving and loading."""
# pitfalls = """In train mode BatchNorm mixes samples on purpose: test independence in eval mode. A batch of size 1
# hides mixing, and breaks squeeze()."""
# when_not = "Whether the model learns: let it learn one batch by heart."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: sample 0 depends on other samples"
# ///
"""Tests of a network that take a second: plain functions that pytest collects, here called by hand."""

import io

import torch
from torch import nn


def make_model() -> nn.Module:
    """The network under test: images (N, 3, 8, 8) to logits (N, 5)."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(512, 5)
    )


def test_gives_finite_logits_for_each_sample_of_any_batch() -> None:
    model = make_model().eval()
    for batch_size in (1, 2, 7):
        logits = model(torch.randn(batch_size, 3, 8, 8))
        assert logits.shape == (batch_size, 5)
        assert logits.isfinite().all()


def test_every_parameter_gets_a_gradient() -> None:
    model = make_model()
    nn.functional.cross_entropy(model(torch.randn(8, 3, 8, 8)), torch.arange(8) % 5).backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not without, f"no gradient reaches {without}"


def test_no_sample_influences_another() -> None:
    model = make_model().eval()
    images = torch.randn(4, 3, 8, 8, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(images)[0].sum(), images)
    reached = gradient.flatten(1).any(dim=1)
    assert reached.tolist() == [True, False, False, False], f"sample 0 depends on other samples: {reached.tolist()}"


def test_answers_twice_the_same_in_eval_mode() -> None:
    model = make_model().eval()
    images = torch.randn(4, 3, 8, 8)
    torch.testing.assert_close(model(images), model(images), rtol=0, atol=0)


def test_answers_the_same_after_saving_and_loading() -> None:
    model, images = make_model(), torch.randn(4, 3, 8, 8)
    model(images)  # in train mode, so that BatchNorm's statistics are no longer those of a new model
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    loaded = make_model()
    loaded.load_state_dict(torch.load(file, weights_only=True))
    torch.testing.assert_close(loaded.eval()(images), model.eval()(images))


if __name__ == "__main__":
    tests = [function for name, function in sorted(globals().items()) if name.startswith("test_")]
    assert len(tests) == 5
    for test in tests:
        test()
    print(f"{len(tests)} passed")
