# /// pattern
# id = "pt.loss.dice"
# topic = "loss.segmentation"
# twin = "tf.loss.dice"
# questions = [
#   "dice loss for segmentation pytorch",
#   "soft dice for multiple classes",
#   "combine dice and cross entropy",
#   "iou or dice as a loss, not differentiable",
#   "segmentation predicts only background",
#   "dise loss unet torch",
# ]
# errors = ["element 0 of tensors does not require grad and does not have a grad_fn"]
# apis = ["torch.softmax", "torch.nn.functional.one_hot", "torch.nn.functional.cross_entropy"]
# replaces = ["segmentation_models_pytorch.losses.DiceLoss", "monai.losses.DiceLoss"]
# why = """Dice compares overlap with size, class by class, so a small object counts as much as the background. It is
# computed from probabilities: argmax or a threshold has no gradient."""
# pitfalls = """Sum over the pixels before dividing, over the whole batch: per image, a class that is absent gives 0/0.
# Dice alone trains unsteadily at first; the sum with cross entropy is what people use."""
# when_not = "Balanced classes: cross entropy alone is steadier."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn"
# ///
"""Soft dice plus cross entropy for segmentation."""

import torch
from torch import nn
from torch.nn import functional as F


def dice_loss(logits: torch.Tensor, labels: torch.Tensor, *, epsilon: float = 1.0) -> torch.Tensor:
    """1 - mean dice over the classes; logits (B, K, H, W), class numbers (B, H, W); scalar in [0, 1]."""
    probability = logits.softmax(dim=1)
    truth = F.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(probability.dtype)  # (B, K, H, W)
    dims = (0, 2, 3)
    overlap = (probability * truth).sum(dims)  # (K,)
    size = probability.sum(dims) + truth.sum(dims)  # (K,)
    return 1 - ((2 * overlap + epsilon) / (size + epsilon)).mean()


def segmentation_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross entropy plus dice."""
    return F.cross_entropy(logits, labels) + dice_loss(logits, labels)


if __name__ == "__main__":
    torch.manual_seed(0)
    labels = torch.zeros(4, 16, 16, dtype=torch.long)
    labels[:, 4:8, 4:8] = 1  # a small square, 16 of 256 pixels
    truth = F.one_hot(labels, 2).movedim(-1, 1).float()
    assert dice_loss(50 * truth, labels) < 1e-4

    hard = torch.zeros(4, 16, 16, dtype=torch.long)
    hard[:, 4:8, 6:10] = 1  # half of it is right
    by_sets = 1 - (2 * 8 / (16 + 16) + 2 * 232 / (240 + 240)) / 2
    guess = 50 * F.one_hot(hard, 2).movedim(-1, 1).float()
    assert abs(dice_loss(guess, labels).item() - by_sets) < 0.01

    background = 50 * torch.stack([torch.ones(4, 16, 16), torch.zeros(4, 16, 16)], dim=1)
    assert dice_loss(background, labels) > 0.4  # although 94% of the pixels are right

    images = labels[:, None].float() + 0.3 * torch.randn(4, 1, 16, 16)
    model = nn.Conv2d(1, 2, 3, padding=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = segmentation_loss(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
