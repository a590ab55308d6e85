# /// pattern
# id = "pt.vision.image-statistics"
# topic = "vision.preprocessing"
# twin = "tf.vision.image-statistics"
# questions = [
#   "compute mean and std of my image dataset pytorch",
#   "normalize images per channel with own statistics",
#   "dataset mean std without loading all images into memory",
#   "what values for Normalize if not imagenet",
#   "channel mean and standard deviation for images of different sizes",
#   "normalise uint8 images to float torch",
#   "calcuate mean std images dataloader",
# ]
# errors = ["""RuntimeError: mean(): could not infer output dtype. Input dtype must be either a floating point or \
# complex dtype. Got: Byte"""]
# apis = ["torch.Tensor.sum", "torch.Tensor.double", "torch.nn.Module.register_buffer"]
# replaces = ["torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))",
#   "mean of the batches' stds"]
# why = """Mean and variance of all pixels follow from three running sums in float64: count, sum and sum of squares. So
# the images may come one by one and in any size. A mean of the images' own deviations is too small: it leaves out how
# images differ from each other, the demo's wrong twin by a factor of 3."""
# pitfalls = """The training images only, after scaling to [0, 1] and before random augmentation. With a pretrained
# network use the figures that it was trained with."""
# when_not = "A BatchNorm as the first layer does the same, roughly and for free."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the deviation is too small"
# ///
"""Mean and deviation of each channel over images of any size, one pass, and a layer that applies them."""

from collections.abc import Iterable

import torch
from torch import nn


def channel_statistics(images: Iterable[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation (C,) of all pixels of uint8 images (C, H, W), scaled to [0, 1]."""
    count, total, squares = 0, torch.zeros(()), torch.zeros(())
    for image in images:
        pixels = image.flatten(1).double() / 255  # (C, H * W)
        count += pixels.shape[1]
        total = total + pixels.sum(dim=1)
        squares = squares + pixels.square().sum(dim=1)
    mean = total / count
    return mean.float(), (squares / count - mean.square()).sqrt().float()


class NormaliseImages(nn.Module):
    """uint8 images (N, C, H, W) to float32 of mean 0 and deviation 1; part of the model, so it is saved with it."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: torch.Tensor, std: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.view(-1, 1, 1))
        self.register_buffer("std", std.view(-1, 1, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (images.float() / 255 - self.mean) / self.std


if __name__ == "__main__":
    torch.manual_seed(0)
    images = []
    for _ in range(60):
        height, width = torch.randint(8, 24, (2,)).tolist()
        colour = 40 + 170 * torch.rand(3, 1, 1)  # images differ more than the pixels of one image do
        images.append((colour + 15 * torch.randn(3, height, width)).clamp(0, 255).byte())

    mean, std = channel_statistics(iter(images))
    pixels = torch.cat([image.flatten(1) for image in images], dim=1).double() / 255  # all at once
    torch.testing.assert_close(mean, pixels.mean(dim=1).float())
    torch.testing.assert_close(std, pixels.std(dim=1, correction=0).float())

    normalise = NormaliseImages(mean, std)
    normed = torch.cat([normalise(image[None])[0].flatten(1) for image in images], dim=1)
    torch.testing.assert_close(normed.mean(dim=1), torch.zeros(3), rtol=0, atol=1e-4)
    torch.testing.assert_close(normed.std(dim=1), torch.ones(3), rtol=0, atol=1e-3)
    print("mean", mean.tolist(), "std", std.tolist())
