# /// pattern
# id = "pt.loss.ignore-index"
# topic = "loss.masking"
# twin = "tf.loss.ignore-class"
# questions = [
#   "ignore_index in CrossEntropyLoss",
#   "do not compute the loss on padding tokens pytorch",
#   "labels -100 what does it mean",
#   "IndexError: Target -1 is out of bounds",
#   "cross entropy for sequences, shape (N, T, C) or (N, C, T)",
#   "loss is nan because all labels are ignored",
#   "ingore padding index loss torch",
# ]
# errors = ["IndexError: Target -1 is out of bounds.",
#   "Expected target size [2, 7], got [2, 5]"]
# apis = ["torch.nn.functional.cross_entropy", "torch.Tensor.masked_fill"]
# why = """Labels equal to ignore_index, -100 unless stated, add nothing to the sum and nothing to the count it is
# divided by, so padding changes neither loss nor gradient. Setting labels to -100 keeps 0 free for a real class."""
# pitfalls = """Where everything is ignored the mean is 0/0 = NaN: reduction="sum" over a count of at least 1 gives 0.
# Classes come second, (B, K, T): transpose or flatten (B, T, K)."""
# when_not = "Weights between 0 and 1 for each position: reduction='none' and a weighted mean."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises IndexError: Target -1 is out of bounds"
# ///
"""Cross entropy over the valid tokens of padded sequences."""

import torch
from torch.nn import functional as F

IGNORED = -100


def labels_without_padding(tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Tokens (B, T) with everything from each sequence's length on set to IGNORED."""
    valid = torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]  # (B, T)
    return tokens.masked_fill(~valid, IGNORED)


def token_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over the labels (B, T) that are not IGNORED, from logits (B, T, K); 0 where there is none."""
    total = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum")
    return total / (labels != IGNORED).sum().clamp(min=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    logits = torch.randn(2, 5, 7, requires_grad=True)  # (B, T, K)
    lengths = torch.tensor([5, 2])
    labels = labels_without_padding(torch.randint(0, 7, (2, 5)), lengths)

    loss = token_loss(logits, labels)
    log_probabilities = logits.log_softmax(dim=2)
    by_loop = [-log_probabilities[b, t, labels[b, t]] for b in range(2) for t in range(int(lengths[b]))]
    torch.testing.assert_close(loss, torch.stack(by_loop).mean())
    torch.testing.assert_close(loss, F.cross_entropy(logits.transpose(1, 2), labels))  # (B, K, T), -100 by default

    loss.backward()
    assert logits.grad[1, 2:].eq(0).all() and logits.grad[1, :2].ne(0).all()

    nothing = torch.full((2, 5), IGNORED)
    assert F.cross_entropy(logits.transpose(1, 2), nothing).isnan() and token_loss(logits, nothing) == 0
    print(loss.item())
