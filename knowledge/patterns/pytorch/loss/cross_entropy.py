# /// pattern
# id = "pt.loss.cross-entropy"
# topic = "loss.classification"
# twin = "tf.loss.from-logits"
# questions = [
#   "softmax before CrossEntropyLoss in pytorch",
#   "should the last layer have a softmax",
#   "loss stuck at a high value with softmax output",
#   "what does nn.CrossEntropyLoss expect, logits or probabilities",
#   "target shape and dtype for cross entropy torch",
#   "expected scalar type Long but found Float",
#   "NLLLoss with log_softmax or CrossEntropyLoss",
#   "crossentropy loss softmax twice",
# ]
# errors = ["expected scalar type Long but found Int", "expected target dtype to be Long or Byte, but got Float",
#   "0D or 1D target tensor expected, multi-target not supported",
#   "IndexError: Target 10 is out of bounds."]
# apis = ["torch.nn.CrossEntropyLoss"]
# why = """Cross entropy applies the logarithm of the softmax itself. Fed with probabilities it applies it to numbers
# between 0 and 1: ten classes then cannot get below 1.46, and the gradients fade long before."""
# pitfalls = """Targets are class numbers, int64 (N,); one-hot targets must be float and of the logits' shape.
# torch.nn.functional.cross_entropy is the same without an object."""
# when_not = "Several labels may hold at once: BCEWithLogitsLoss."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: softmax was applied twice"
# ///
"""Cross entropy takes logits; probabilities are for people."""

import torch
from torch import nn


def probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Logits (N, K) to probabilities (N, K): for display, never for the loss."""
    return logits.softmax(dim=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Linear(16, 10)  # no softmax at the end
    labels = torch.arange(60) % 10
    features = torch.randn(10, 16)[labels] + 0.3 * torch.randn(60, 16)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = criterion(model(features), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses

    logits = model(features)
    by_hand = -probabilities(logits)[torch.arange(60), labels].log().mean()
    torch.testing.assert_close(criterion(logits, labels), by_hand)
    perfect = torch.eye(10)  # probabilities that could not be better, taken for logits
    assert 1.46 < criterion(perfect, torch.arange(10)).item() < 1.47
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
