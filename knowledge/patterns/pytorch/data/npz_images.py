# /// pattern
# id = "pt.data.npz-images"
# topic = "data.images"
# role = "data"
# provides = "npz-images"
# entry = "load_splits"
# twin = "tf.data.npz-images"
# questions = [
#   "load images from a numpy npz file in pytorch",
#   "numpy image array NHWC to NCHW tensor",
#   "train a cnn on my own numpy arrays",
#   "scale uint8 images to float and normalise per channel",
#   "npz x and y to a pytorch dataset",
#   "grey images without channel dimension torch conv2d",
#   "load npy pictures into pytroch",
# ]
# errors = ["expected input[32, 28, 28, 3] to have 1 channels, but got 28 channels instead",
#   "Input type (unsigned char) and bias type (float) should be the same"]
# apis = ["numpy.load", "torch.from_numpy", "torch.Tensor.permute", "torch.utils.data.TensorDataset"]
# why = """uint8 (N, H, W, C), as cameras and files give it, becomes float32 (N, C, H, W), scaled and standardised
# per channel with the training images: what convolutions are initialised for."""
# pitfalls = "reshape does not move the channels, it scrambles the pixels: permute does."
# when_not = "More images than memory: keep uint8 and convert in a Dataset's __getitem__."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: reshape scrambled the channels"
# ///
"""Images and labels of an .npz file as train, validation and test sets."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (image, label): float32 (C, H, W) standardised, int64 () from 0 to C-1."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset


def split_rows(labels: np.ndarray, fractions: tuple[float, float, float], *, seed: int) -> tuple[np.ndarray, ...]:
    """Shuffled row numbers of train, val and test; stratified where every class has rows enough for it."""
    train_fraction, val_fraction, test_fraction = fractions
    stratified = np.bincount(labels).min() * min(fractions) >= 2
    rows = np.arange(len(labels))
    rest, test = train_test_split(
        rows, test_size=test_fraction, stratify=labels if stratified else None, random_state=seed
    )
    train, val = train_test_split(
        rest,
        test_size=val_fraction / (train_fraction + val_fraction),
        stratify=labels[rest] if stratified else None,
        random_state=seed,
    )
    return train, val, test


def to_channels_first(array: np.ndarray, *, channels_last: bool) -> torch.Tensor:
    """(N, H, W), (N, H, W, C) or (N, C, H, W) to float32 (N, C, H, W); uint8 is scaled to 0..1."""
    images = torch.from_numpy(array)
    if images.ndim == 3:
        images = images.unsqueeze(1)
    elif channels_last:
        images = images.permute(0, 3, 1, 2)
    scale = 255 if images.dtype == torch.uint8 else 1
    return images.to(torch.float32).contiguous() / scale


def load_splits(
    path: Path, *, x_key: str, y_key: str, channels_last: bool, fractions: tuple[float, float, float], seed: int
) -> Splits:
    """Read the arrays x_key (images) and y_key (one label each); statistics are those of the training images."""
    with np.load(path) as arrays:
        images = to_channels_first(arrays[x_key], channels_last=channels_last)
        labels = arrays[y_key].reshape(len(images))  # (N,) or (N, 1) to (N,)
    labels = np.unique(labels, return_inverse=True)[1]

    train, val, test = split_rows(labels, fractions, seed=seed)
    mean = images[train].mean(dim=(0, 2, 3), keepdim=True)  # (1, C, 1, 1)
    std = images[train].std(dim=(0, 2, 3), keepdim=True).clamp(min=1e-6)
    images = (images - mean) / std
    targets = torch.tensor(labels, dtype=torch.int64)  # (N,)
    return Splits(*(TensorDataset(images[rows], targets[rows]) for rows in (train, val, test)))


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, size=(60, 12, 10, 3), dtype=np.uint8)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "images.npz"
        np.savez(path, colour=colour, grey=colour[..., 0], labels=rng.permutation(np.arange(60) % 3) * 10)
        options = {"y_key": "labels", "channels_last": True, "fractions": (0.6, 0.2, 0.2), "seed": 0}
        splits = load_splits(path, x_key="colour", **options)
        grey = load_splits(path, x_key="grey", **options)
    images, labels = splits.train.tensors
    assert images.shape == (36, 3, 12, 10) and labels.unique().tolist() == [0, 1, 2]
    assert images.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert grey.train.tensors[0].shape == (36, 1, 12, 10)
    assert torch.allclose(grey.train.tensors[0][:, 0], images[:, 0], atol=1e-5)  # the same pixels, in the same place
    print([len(part) for part in splits], tuple(images.shape))
