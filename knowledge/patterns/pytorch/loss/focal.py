# /// pattern
# id = "pt.loss.focal"
# topic = "loss.imbalance"
# twin = "tf.loss.focal"
# questions = [
#   "focal loss pytorch",
#   "sigmoid focal loss from logits",
#   "down-weight easy examples",
#   "object detection foreground background imbalance loss",
#   "multi-class focal loss with cross entropy",
#   "foccal loss gamma alpha torch",
# ]
# apis = ["torch.nn.functional.binary_cross_entropy_with_logits", "torch.nn.functional.cross_entropy"]
# replaces = ["torchvision.ops.sigmoid_focal_loss", "FocalLoss"]
# why = """Cross entropy times (1 - p)^gamma, p being the probability of the truth: with gamma 2 an example that is
# right at 0.9 counts a hundredth of what it did, one at 0.1 four fifths. Thousands of easy negatives no longer drown a
# few positives."""
# pitfalls = """The factor belongs to each element: computed from the mean of the batch it says nothing about single
# ones. Detectors divide by the number of positives, not of all anchors."""
# when_not = "Mere imbalance of classes that are learnt well: class weights are simpler."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: easy examples kept their share"
# ///
"""Focal loss from logits, for 0/1 targets and for classes."""

import torch
from torch import nn
from torch.nn import functional as F


def sigmoid_focal_loss(
    logits: torch.Tensor, targets: torch.Tensor, *, gamma: float = 2.0, alpha: float = 0.25
) -> torch.Tensor:
    """Loss of each element; logits and 0/1 float targets of one shape; alpha weighs positives, 1 - alpha negatives."""
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")  # -log p
    p = torch.exp(-loss)  # the probability of the truth, without a logarithm of 0
    weight = torch.where(targets == 1, alpha, 1 - alpha)
    return weight * (1 - p) ** gamma * loss


def softmax_focal_loss(logits: torch.Tensor, labels: torch.Tensor, *, gamma: float = 2.0) -> torch.Tensor:
    """Loss of each sample (N,); logits (N, K), class numbers (N,)."""
    loss = F.cross_entropy(logits, labels, reduction="none")
    return (1 - torch.exp(-loss)) ** gamma * loss


if __name__ == "__main__":
    torch.manual_seed(0)
    logits = torch.logit(torch.tensor([0.9, 0.1]))
    ones = torch.ones(2)
    plain = F.binary_cross_entropy_with_logits(logits, ones, reduction="none")
    ratio = sigmoid_focal_loss(logits, ones, alpha=1.0) / plain
    torch.testing.assert_close(ratio, torch.tensor([0.01, 0.81]))
    torch.testing.assert_close(sigmoid_focal_loss(logits, ones, gamma=0.0, alpha=0.5), plain / 2)

    two_classes = torch.stack([torch.zeros(2), logits], dim=1)  # softmax over (0, z) is the sigmoid of z
    torch.testing.assert_close(softmax_focal_loss(two_classes, torch.ones(2).long()), ratio * plain)

    certain = torch.tensor([200.0, -200.0], requires_grad=True)
    sigmoid_focal_loss(certain, ones).sum().backward()
    assert certain.grad.isfinite().all()

    targets = (torch.arange(500) < 10).float()  # one in fifty
    features = torch.randn(500, 2) + 2 * targets[:, None]
    model = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = sigmoid_focal_loss(model(features).squeeze(1), targets).sum() / targets.sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
