# /// pattern
# id = "pt.compression.pruning"
# topic = "compression.pruning"
# twin = "tf.compression.pruning"
# questions = [
#   "prune weights pytorch torch.nn.utils.prune",
#   "global unstructured pruning",
#   "make pruning permanent prune.remove",
#   "weight_orig and weight_mask keys in state_dict",
#   "sparsity of a model",
#   "does pruning make my model faster or smaller",
#   "fine-tune after pruning",
#   "prunning l1 unstructured",
# ]
# errors = [
#   "RuntimeError: Error(s) in loading state_dict for Linear:",
#   "Unexpected key(s) in state_dict: \"weight_orig\", \"weight_mask\".",
# ]
# apis = ["torch.nn.utils.prune.global_unstructured", "torch.nn.utils.prune.L1Unstructured",
#   "torch.nn.utils.prune.remove", "torch.nn.utils.prune.is_pruned"]
# replaces = ["weight.data[weight.abs() < t] = 0"]
# why = """Pruning keeps weight_orig and a mask, and multiplies them in each forward pass: training goes on, and what
# was cut stays zero. remove() writes the product back as an ordinary weight; without it the file holds twice the
# numbers under names that no fresh model knows. Zeros set by hand grow back at the next step."""
# pitfalls = """The tensors keep their size and dense kernels their speed: zeros save space when packed, and time only
# where whole channels go. Rank all layers together (global), and leave the small last layer out."""
# when_not = "Speed on ordinary hardware: remove whole channels, quantise, or train a smaller model."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: Error(s) in loading state_dict for Linear"
# ///
"""Magnitude pruning: cut the smallest weights of all layers, train on, and make it permanent."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.utils import prune


def prunable(model: nn.Module) -> list[tuple[nn.Module, str]]:
    """The weights of all linear and convolution layers but the last."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return [(layer, "weight") for layer in layers[:-1]]


def make_permanent(model: nn.Module) -> None:
    """Ordinary parameters again, with zeros where the masks were."""
    for layer, name in prunable(model):
        prune.remove(layer, name)


def sparsity(model: nn.Module) -> float:
    """The share of zeros among the prunable weights."""
    weights = [getattr(layer, name) for layer, name in prunable(model)]
    return sum((weight == 0).sum().item() for weight in weights) / sum(weight.numel() for weight in weights)


if __name__ == "__main__":
    torch.manual_seed(0)
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scores = {}
    for epoch in range(80):
        if epoch == 50:
            prune.global_unstructured(prunable(model), pruning_method=prune.L1Unstructured, amount=0.9)
        if epoch in (50, 79):
            with torch.no_grad():
                scores[epoch] = (model(x[500:]).argmax(dim=1) == y[500:]).double().mean().item()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[:500]), y[:500]).backward()
        optimizer.step()
    assert abs(sparsity(model) - 0.9) < 0.001  # thirty steps later, what was cut is still zero

    before = model(x)
    make_permanent(model)
    assert not prune.is_pruned(model) and abs(sparsity(model) - 0.9) < 0.001
    torch.testing.assert_close(model(x), before)
    fresh = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    fresh.load_state_dict(model.state_dict())  # the names are the usual ones
    print(f"test accuracy with 90 % cut: {scores[50]:.2f} at once, {scores[79]:.2f} after training on")
    assert scores[79] > 0.8
