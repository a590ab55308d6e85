# /// pattern
# id = "pt.train.mixup"
# topic = "train.regularisation"
# twin = "tf.train.mixup"
# questions = [
#   "mixup augmentation pytorch",
#   "cutmix implementation torch",
#   "mixup with cross entropy and soft labels",
#   "how to mix labels with lambda from a beta distribution",
#   "regularize an image classifier by mixing images",
#   "cutmix label weight when the box is cut off at the border",
#   "mix up and cut mix pytroch",
# ]
# errors = ["RuntimeError: Expected floating point type for target with class probabilities, got Long"]
# apis = ["torch.distributions.Beta", "torch.nn.functional.one_hot", "torch.nn.functional.cross_entropy",
#   "torch.randperm"]
# replaces = ["torchvision.transforms.v2.MixUp", "torchvision.transforms.v2.CutMix", "timm.data.Mixup"]
# why = """Each sample is blended with another one of its batch, and so are their labels: cross entropy takes class
# probabilities (N, K) as they are, and equals the weighted sum of the losses for the two labels. CutMix replaces a
# rectangle instead; its label weight is the area that was really replaced."""
# pitfalls = """Training batches only; training accuracy then needs care, as there is no single right class. Mixing and
# label smoothing add up: use one, or little of both."""
# when_not = "The model underfits already, or labels are no classes (segmentation: cut masks along)."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the label says"
# ///
"""Mixup (arXiv 1710.09412) and CutMix (arXiv 1905.04899) on a batch, with soft labels for the cross entropy."""

import torch
from torch import nn
from torch.nn import functional as F


def mixup(images: torch.Tensor, targets: torch.Tensor, *, alpha: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Blend (N, C, H, W) and class probabilities (N, K) with a shuffled copy of the batch; one weight for all."""
    weight = torch.distributions.Beta(alpha, alpha).sample().to(images.device)
    partner = torch.randperm(len(images), device=images.device)
    return torch.lerp(images[partner], images, weight), torch.lerp(targets[partner], targets, weight)


def cutmix(images: torch.Tensor, targets: torch.Tensor, *, alpha: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Put one rectangle of a shuffled copy into each image; the labels are mixed by the area that was replaced."""
    height, width = images.shape[-2:]
    wanted = 1 - torch.distributions.Beta(alpha, alpha).sample().item()  # part of the area
    half_height, half_width = (round(side * wanted**0.5 / 2) for side in (height, width))
    row, column = (int(torch.randint(side, ())) for side in (height, width))
    rows = slice(max(row - half_height, 0), min(row + half_height, height))
    columns = slice(max(column - half_width, 0), min(column + half_width, width))
    partner = torch.randperm(len(images), device=images.device)
    mixed = images.clone()
    mixed[:, :, rows, columns] = images[partner][:, :, rows, columns]
    replaced = (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)
    return mixed, torch.lerp(targets, targets[partner], replaced)


if __name__ == "__main__":
    torch.manual_seed(0)
    labels = torch.arange(10)
    one_hot = F.one_hot(labels, 10).float()
    pictures = labels.view(10, 1, 1, 1).expand(10, 1, 12, 12).float()  # every pixel shows the class of its image

    images, targets = mixup(pictures, one_hot, alpha=1.0)
    torch.testing.assert_close(images[:, 0, 0, 0], targets @ labels.float())
    for _ in range(20):
        images, targets = cutmix(pictures, one_hot, alpha=1.0)
        shown = torch.stack([(images == label).float().mean((1, 2, 3)) for label in labels], dim=1)
        torch.testing.assert_close(targets, shown)  # the label is what the pixels show

    logits = torch.randn(10, 10)
    first, second = targets.topk(2).indices.T
    weight = targets.topk(2).values
    by_hand = weight[:, 0] * F.cross_entropy(logits, first, reduction="none")
    by_hand = by_hand + weight[:, 1] * F.cross_entropy(logits, second, reduction="none")
    torch.testing.assert_close(F.cross_entropy(logits, targets), by_hand.mean())

    images, labels = torch.randn(128, 1, 8, 8), torch.randint(0, 2, (128,))
    images += 2 * labels.view(-1, 1, 1, 1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        mixed, soft = mixup(images, F.one_hot(labels, 2).float(), alpha=0.2)
        F.cross_entropy(model(mixed), soft).backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"loss on plain images {losses[0]:.2f} -> {losses[-1]:.2f}")
