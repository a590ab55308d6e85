# /// pattern
# id = "pt.loss.softmax-dim"
# topic = "loss.classification"
# questions = [
#   "which dim for softmax pytorch",
#   "F.softmax implicit dimension choice warning",
#   "softmax dim=1 or dim=-1",
#   "probabilities of a batch do not sum to one",
#   "class probabilities from logits torch",
#   "sofmax dim warning",
# ]
# errors = [
#   "Implicit dimension choice for softmax has been deprecated. Change the call to include dim=X as an argument.",
# ]
# apis = ["torch.nn.functional.softmax", "torch.softmax"]
# why = """Without dim PyTorch guesses: 1 for matrices, but 0 for tensors of three dimensions, where the probabilities
# then compete across the batch. dim=-1 or the class dimension says what is meant."""
# pitfalls = "Classes are in dim 1 for logits (N, K) and (N, K, H, W), and in dim -1 for (N, T, K)."
# when_not = "Inside a loss: cross entropy takes logits."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Implicit dimension choice for softmax has been deprecated"
# ///
"""Softmax over the classes, and not over the batch."""

import torch
from torch.nn import functional as F


def class_probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Logits with the classes last, (..., K), to probabilities that sum to 1 over K."""
    return F.softmax(logits, dim=-1)


if __name__ == "__main__":
    logits = torch.randn(2, 5, 3)  # (N, T, K)
    assert torch.allclose(class_probabilities(logits).sum(dim=-1), torch.ones(2, 5))
    over_batch = F.softmax(logits, dim=0)  # what a guess gives for three dimensions
    assert torch.allclose(over_batch.sum(dim=0), torch.ones(5, 3))
    assert not torch.allclose(over_batch.sum(dim=-1), torch.ones(2, 5))
    print(class_probabilities(logits)[0, 0])
