# /// pattern
# id = "pt.loss.cross-entropy-logits"
# topic = "losses.classification"
# questions = ["softmax before cross entropy", "do I need softmax with CrossEntropyLoss", "loss stays high although the prediction is right"]
# errors = ["AssertionError: the loss of a sure and right prediction is"]
# apis = ["torch.nn.CrossEntropyLoss"]
# replaces = ["torch.nn.functional.softmax before the loss"]
# why = "CrossEntropyLoss applies log-softmax itself: given probabilities it cannot fall to zero."
# wrong_outcome = "fails AssertionError: the loss of a sure and right prediction is"
# ///
"""Cross entropy on logits.

The loss of a sure and right prediction is close to zero.
"""

import torch
from torch import nn


def loss_of(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Mean cross entropy of logits (N, C) for labels (N,)."""
    return nn.CrossEntropyLoss()(logits, labels).item()


if __name__ == "__main__":
    assert loss_of(torch.tensor([[20.0, 0.0, 0.0]]), torch.tensor([0])) < 1e-3
