# /// pattern
# id = "pt.debugging.eval-mode"
# topic = "debugging.modes"
# twin = "tf.debugging.training-flag"
# questions = [
#   "val accuracy changes each time I run eval on the same model",
#   "validation results differ between runs without training",
#   "same input different output pytorch model",
#   "model.eval() or torch.no_grad(), which do I need",
#   "does no_grad turn dropout off",
#   "batchnorm statistics change while I evaluate",
#   "forgot model.eval() before validation",
#   "accuracy depends on the batch size at test time",
#   "evaluation not determinstic pytorch",
# ]
# apis = ["torch.nn.Module.eval", "torch.nn.Module.train", "torch.inference_mode", "torch.nn.Module.training"]
# replaces = ["with torch.no_grad() alone", "volatile=True"]
# why = """Two switches: eval() tells dropout to pass all through and BatchNorm to use its running statistics;
# inference_mode (or no_grad) records no graph. Without eval() dropout draws anew at each pass, and BatchNorm mixes the
# samples of a batch and goes on moving its averages: looking at the model changes it."""
# pitfalls = """eval() does not stop gradients, no_grad does not stop dropout. train() again after validation, or the
# rest of the training runs without dropout. A shuffled loader whose results are averaged by batch gives another number
# too, when the last batch is smaller: add up over samples."""
# when_not = "Monte Carlo dropout: noise on purpose, by dropout.train() on those modules alone."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the same model, the same data"
# ///
"""Evaluation that gives the same number each time and leaves the model as it was."""

import torch
from torch import nn


@torch.inference_mode()
def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor, *, batch_size: int) -> float:
    """Share of samples (N, D) whose class (N,) is found; the mode of the model is given back as it was."""
    was_training = model.training
    model.eval()
    batches = zip(x.split(batch_size), y.split(batch_size), strict=True)
    hits = sum((model(some).argmax(dim=1) == truth).sum().item() for some, truth in batches)
    model.train(was_training)
    return hits / len(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
    x, y = torch.randn(500, 8), torch.randint(0, 4, (500,))
    state = {name: value.clone() for name, value in model.state_dict().items()}

    first = accuracy(model, x, y, batch_size=64)
    assert first == accuracy(model, x, y, batch_size=64) == accuracy(model, x, y, batch_size=500)
    assert all(value.equal(state[name]) for name, value in model.state_dict().items())
    assert model.training  # training goes on with dropout

    with torch.no_grad():  # the switch that does not do it
        assert not model(x).equal(model(x))
    assert not model[1].running_mean.equal(state["1.running_mean"])
    model.eval()
    assert model(x).requires_grad  # nor does the other one stop gradients
    print(f"accuracy {first:.3f}, each time")
