# /// pattern
# id = "pt.data.synthetic-images"
# topic = "data.images"
# role = "data"
# provides = "synthetic-images"
# entry = "load_splits"
# twin = "tf.data.synthetic-images"
# questions = [
#   "make fake images to try a cnn in pytorch",
#   "synthetic image dataset with labels torch",
#   "random images that a network can learn",
#   "dummy data for image classification 3x32x32",
#   "placeholder image dataset until i have the real one",
#   "fake cifar like data pytroch",
# ]
# apis = ["torch.nn.functional.interpolate", "torch.roll", "torch.utils.data.TensorDataset"]
# replaces = ["torchvision.datasets.FakeData"]
# why = """Random pixels with random labels can only be memorised. Here every class has a pattern of its own, moved and
# buried in noise, so that a falling validation loss says that model, loss and loop work."""
# pitfalls = "A score on synthetic data says that the code works, nothing about real images."
# when_not = "As soon as there is real data."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: random labels cannot be learnt"
# ///
"""Synthetic images that can be learnt: one smooth pattern per class, moved at random, under noise.

Not real data: a stand-in of the right shape until load_splits reads the images that matter.
"""

from typing import NamedTuple

import torch
from torch.nn import functional as F
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (image, label): float32 (C, H, W) standardised, int64 ()."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset


def draw_images(
    labels: torch.Tensor, *, channels: int, image_size: tuple[int, int], num_classes: int, generator: torch.Generator
) -> torch.Tensor:
    """The pattern of each label (N,), moved by up to an eighth of the image and with noise: (N, C, H, W)."""
    coarse = torch.randn(num_classes, channels, 4, 4, generator=generator)
    patterns = F.interpolate(coarse, size=image_size, mode="bilinear")  # (K, C, H, W)
    images = patterns[labels]  # (N, C, H, W)
    reach = max(1, min(image_size) // 8)
    shifts = torch.randint(-reach, reach + 1, (len(labels), 2), generator=generator)
    for number, (down, right) in enumerate(shifts.tolist()):
        images[number] = images[number].roll((down, right), dims=(1, 2))
    return images + 0.5 * torch.randn(images.shape, generator=generator)


def load_splits(
    *,
    num_samples: int,
    channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    fractions: tuple[float, float, float],
    seed: int,
) -> Splits:
    """num_samples images with balanced classes, standardised per channel with the training images."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(num_samples)[torch.randperm(num_samples, generator=generator)] % num_classes  # (N,)
    images = draw_images(labels, channels=channels, image_size=image_size, num_classes=num_classes, generator=generator)
    num_train, num_val = (round(fraction * num_samples) for fraction in fractions[:2])
    mean = images[:num_train].mean(dim=(0, 2, 3), keepdim=True)  # (1, C, 1, 1)
    std = images[:num_train].std(dim=(0, 2, 3), keepdim=True)
    images = (images - mean) / std
    sizes = [num_train, num_val, num_samples - num_train - num_val]
    return Splits(*(TensorDataset(*part) for part in zip(images.split(sizes), labels.split(sizes), strict=True)))


if __name__ == "__main__":
    splits = load_splits(
        num_samples=1000, channels=3, image_size=(16, 16), num_classes=5, fractions=(0.7, 0.15, 0.15), seed=0
    )
    images, labels = splits.train.tensors
    assert images.shape == (700, 3, 16, 16) and labels.unique().tolist() == [0, 1, 2, 3, 4]

    model = torch.nn.Linear(3 * 16 * 16, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(30):
        optimizer.zero_grad()
        F.cross_entropy(model(images.flatten(1)), labels).backward()
        optimizer.step()
    test_images, test_labels = splits.test.tensors
    accuracy = (model(test_images.flatten(1)).argmax(dim=1) == test_labels).float().mean().item()
    assert accuracy > 0.9, accuracy
    print(f"held-out accuracy of a linear model: {accuracy:.3f}")
