# /// pattern
# id = "pt.vision.unet"
# topic = "vision.segmentation"
# twin = "tf.vision.unet"
# questions = [
#   "unet segmentation pytorch",
#   "semantic segmentation from scratch torch",
#   "mean iou for segmentation",
#   "u-net skip connections sizes do not match",
#   "Sizes of tensors must match except in dimension 1 unet",
#   "train a segmentation network with cross entropy on masks",
#   "unet segmantation mIoU",
#   "per-class jaccard index from logits",
# ]
# errors = ["""RuntimeError: Sizes of tensors must match except in dimension 1. Expected size 18 but got size 19 for \
# tensor number 1 in the list."""]
# apis = ["torch.nn.functional.interpolate", "torch.nn.functional.max_pool2d", "torch.cat",
#   "torch.nn.functional.cross_entropy", "torch.bincount"]
# replaces = ["segmentation_models_pytorch.Unet", "torchmetrics.JaccardIndex", "nn.ConvTranspose2d", "F.upsample"]
# why = """The way down gathers context and loses place; the skips bring place back. Upsampling to the size of the skip,
# not by a factor of 2, makes every image size work. The mean IoU is taken from one confusion matrix over all images: a
# mean over the batches is another figure."""
# pitfalls = """Masks are int64 (N, H, W), without a channel; scaled copies of masks need mode nearest. A class that is
# in neither truth nor prediction has no IoU: leave it out of the mean."""
# when_not = "Instances that touch must be told apart: that is detection or instance segmentation."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: Sizes of tensors must match except in dimension 1"
# ///
"""A small U-Net (Ronneberger et al., arXiv 1505.04597) for images of any size, measured by mean IoU."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F


def double_conv(in_channels: int, out_channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (in_channels, out_channels):
        layers += [nn.Conv2d(channels, out_channels, 3, padding=1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU()]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Images (N, C, H, W) to logits (N, K, H, W)."""

    def __init__(self, in_channels: int, num_classes: int, *, widths: tuple[int, ...] = (8, 16, 32)) -> None:
        super().__init__()
        self.down = nn.ModuleList(map(double_conv, (in_channels, *widths[:-1]), widths))
        self.up = nn.ModuleList(double_conv(low + high, high) for high, low in pairwise(widths))
        self.head = nn.Conv2d(widths[0], num_classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for number, block in enumerate(self.down):
            x = block(x if number == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        for block, skip in zip(reversed(self.up), reversed(skips[:-1]), strict=True):
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear")  # odd sizes fit as well
            x = block(torch.cat([x, skip], dim=1))
        return self.head(x)


def confusion(predicted: torch.Tensor, truth: torch.Tensor, num_classes: int) -> torch.Tensor:
    """Counts (K, K), truth in rows, of class numbers of any shape; to be summed over batches."""
    return torch.bincount((truth * num_classes + predicted).flatten(), minlength=num_classes**2).view(num_classes, -1)


def mean_iou(counts: torch.Tensor) -> float:
    """Mean over the classes that occur of intersection over union."""
    union = counts.sum(0) + counts.sum(1) - counts.diag()
    return (counts.diag()[union > 0] / union[union > 0]).mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    row, column = torch.arange(19).view(1, -1, 1), torch.arange(19).view(1, 1, -1)
    centres = torch.randint(5, 14, (2, 32, 1, 1))
    masks = ((row - centres[0]) ** 2 + (column - centres[1]) ** 2 < 20).long()  # (32, 19, 19): a disc
    images = masks[:, None] + 0.5 * torch.randn(32, 1, 19, 19)

    model = UNet(in_channels=1, num_classes=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), masks)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses

    predicted = model(images).argmax(dim=1)
    counts = sum(confusion(p, m, 2) for p, m in zip(predicted.split(8), masks.split(8), strict=True))
    by_hand = [((predicted == k) & (masks == k)).sum() / ((predicted == k) | (masks == k)).sum() for k in (0, 1)]
    assert abs(mean_iou(counts) - sum(by_hand) / 2) < 1e-6
    assert mean_iou(counts) > 0.8
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, mean IoU {mean_iou(counts):.2f}")
