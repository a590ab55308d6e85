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
# rest of the training runs without dropout; but model.train() also wakes a BatchNorm frozen by eval(), so give each
# module its own flag back. A shuffled loader whose results are averaged by batch gives another number too, when the
# last batch is smaller: add up over samples."""
# when_not = "Monte Carlo dropout: noise on purpose, by dropout.train() on those modules alone."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the same model, the same data"
# ///
"""Evaluation that gives the same number each time and leaves the model as it was."""

import torch
from torch import nn


@torch.inference_mode()
def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor, *, batch_size: int) -> float:
    """Share of samples (N, D) whose class (N,) is found; each module is given back its own mode."""
    was_training = {module: module.training for module in model.modules()}
    model.eval()
    batches = zip(x.split(batch_size), y.split(batch_size), strict=True)
    hits = sum((model(some).argmax(dim=1) == truth).sum().item() for some, truth in batches)
    for module, mode in was_training.items():
        module.training = mode  # train(mode) would set the children too, frozen ones among them
    return hits / len(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 4))
    x, y = torch.randn(500, 8), torch.randint(0, 4, (500,))
    model[1].eval()  # a frozen layer, as in fine-tuning
    state = {name: value.clone() for name, value in model.state_dict().items()}

    first = accuracy(model, x, y, batch_size=64)
    assert first == accuracy(model, x, y, batch_size=64) == accuracy(model, x, y, batch_size=500)
    assert all(value.equal(state[name]) for name, value in model.state_dict().items())
    assert model.training and model[3].training  # training goes on with dropout
    assert not model[1].training  # and the frozen layer stays so

    model.train()
    with torch.no_grad():  # the switch that does not do it
        assert not model(x).equal(model(x))
    assert not model[1].running_mean.equal(state["1.running_mean"])
    model.eval()
    assert model(x).requires_grad  # nor does the other one stop gradients
    print(f"accuracy {first:.3f}, each time")
