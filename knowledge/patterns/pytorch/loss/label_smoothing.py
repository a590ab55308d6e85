# /// pattern
# id = "pt.loss.label-smoothing"
# topic = "loss.classification"
# twin = "tf.loss.label-smoothing"
# questions = [
#   "soften one-hot targets",
#   "label smoothing pytorch",
#   "CrossEntropyLoss label_smoothing argument",
#   "network is overconfident, soften the targets",
#   "loss does not go to zero with label smoothing",
#   "soft labels with cross entropy torch",
#   "lable smothing pytroch",
# ]
# apis = ["torch.nn.CrossEntropyLoss", "torch.nn.functional.one_hot"]
# replaces = ["timm.loss.LabelSmoothingCrossEntropy", "LabelSmoothingLoss"]
# why = """With smoothing s the target is 1 - s + s/K for the true class and s/K for each other: logits that differ by
# more than log((1 - s + s/K) / (s/K)) are punished, so they stop growing. For s = 0.1 and 10 classes that is 4.5."""
# pitfalls = """The loss cannot reach 0: its floor is the entropy of the smoothed target. Validate with a plain loss, or
# runs with and without smoothing cannot be compared."""
# when_not = "Distillation from the model is planned, or probabilities are used as they are: smoothing flattens them."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the surer answer is scored worse"
# ///
"""Cross entropy with label smoothing for training, plain for validation."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def criteria(*, smoothing: float) -> tuple[nn.CrossEntropyLoss, nn.CrossEntropyLoss]:
    """The losses for training and for validation; both take logits (N, K) and class numbers (N,)."""
    return nn.CrossEntropyLoss(label_smoothing=smoothing), nn.CrossEntropyLoss()


def lowest_loss(*, smoothing: float, num_classes: int) -> float:
    """What the smoothed loss is when every prediction equals the smoothed target."""
    other = smoothing / num_classes
    true = 1 - smoothing + other
    return -true * math.log(true) - (num_classes - 1) * other * math.log(other)


if __name__ == "__main__":
    torch.manual_seed(0)
    classes, smoothing = 10, 0.1
    smooth, plain = criteria(smoothing=smoothing)

    logits, labels = torch.randn(8, classes), torch.arange(8)
    targets = (1 - smoothing) * F.one_hot(labels, classes) + smoothing / classes  # (N, K)
    torch.testing.assert_close(smooth(logits, labels), -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean())

    features, labels = torch.eye(classes), torch.arange(classes)
    model = nn.Linear(classes, classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = smooth(model(features), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert abs(losses[-1] - lowest_loss(smoothing=smoothing, num_classes=classes)) < 1e-3

    logits = model(features).detach()
    gap = logits.diagonal() - (logits.sum(dim=1) - logits.diagonal()) / (classes - 1)
    assert (gap - math.log(0.91 / 0.01)).abs().max() < 0.1 and abs(math.log(0.91 / 0.01) - 4.5) < 0.02
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}, plain {plain(logits, labels):.3f}")
