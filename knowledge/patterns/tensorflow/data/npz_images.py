# /// pattern
# id = "tf.data.npz-images"
# topic = "data.images"
# role = "data"
# provides = "npz-images"
# entry = "load_splits"
# twin = "pt.data.npz-images"
# questions = [
#     "load images from an npz file for keras",
#     "numpy arrays of images to channels last",
#     "NCHW to NHWC for tensorflow",
#     "uint8 images normalise per channel",
#     "grey images add channel dimension keras",
#     "npz image datset",
# ]
# errors = [
#     "Input 0 of layer \"conv2d\" is incompatible with the layer: expected axis -1 of input shape to have value 3",
#     "ValueError: Object arrays cannot be loaded when allow_pickle=False",
# ]
# apis = ["numpy.load"]
# why = """Keras convolutions read (N, H, W, C); an array stored channels first has the same number of values and may
# train without an error on scrambled axes, so the layout is stated and converted once."""
# pitfalls = "Object arrays need pickle, which runs code on loading: save arrays of one shape instead."
# when_not = "Arrays larger than memory: TFRecord files or a PyDataset."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Images and labels of an .npz file in stratified splits, standardised per channel.

Takes (N, H, W), (N, H, W, C) or (N, C, H, W); gives float32 (N, H, W, C).
"""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split


class Splits(NamedTuple):
    """Images float32 (N, H, W, C) and labels int64 (N,) of each split."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def stratified_indices(
    labels: np.ndarray, *, fractions: tuple[float, float, float], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of train, val and test; every class keeps its share in each."""
    train, held_out = train_test_split(
        np.arange(len(labels)), train_size=fractions[0], stratify=labels, random_state=seed
    )
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, stratify=labels[held_out], random_state=seed)
    return train, val, test


def as_channels_last(images: np.ndarray, *, channels_last: bool) -> np.ndarray:
    """Grey or colour images of either layout as float32 (N, H, W, C)."""
    if images.ndim == 3:  # grey (N, H, W)
        images = images[..., np.newaxis]
    elif images.ndim != 4:
        raise ValueError(f"images must have 3 or 4 dimensions, not the shape {images.shape}")
    elif not channels_last:
        images = images.transpose(0, 2, 3, 1)
    scale = 255 if images.dtype == np.uint8 else 1
    return images.astype(np.float32) / scale


def load_splits(
    path: Path, *, x_key: str, y_key: str, channels_last: bool, fractions: tuple[float, float, float], seed: int
) -> Splits:
    """Read the two arrays, split them and standardise each channel with its training mean and deviation.

    The values of the labels, sorted, become the classes 0..C-1.
    """
    with np.load(path) as arrays:
        images = as_channels_last(arrays[x_key], channels_last=channels_last)
        _, labels = np.unique(arrays[y_key].ravel(), return_inverse=True)
    labels = labels.astype(np.int64)  # (N,)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    mean = images[train].mean(axis=(0, 1, 2))  # (C,)
    std = np.maximum(images[train].std(axis=(0, 1, 2)), 1e-6)
    images = (images - mean) / std
    return Splits((images[train], labels[train]), (images[val], labels[val]), (images[test], labels[test]))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, size=(100, 3, 12, 16), dtype=np.uint8)  # channels first
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiles.npz"
        np.savez(path, x=pixels, y=np.arange(100)[:, np.newaxis] % 4)
        splits = load_splits(path, x_key="x", y_key="y", channels_last=False, fractions=(0.7, 0.15, 0.15), seed=0)
    images, labels = splits.train
    print(images.shape, images.dtype, np.bincount(labels))
    assert images.shape == (70, 12, 16, 3) and images.dtype == np.float32 and labels.shape == (70,)
    assert np.allclose(images.mean(axis=(0, 1, 2)), 0, atol=1e-3)
    assert as_channels_last(pixels[:, 0], channels_last=True).shape == (100, 12, 16, 1)
