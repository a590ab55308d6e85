# /// pattern
# id = "tf.data.sklearn-images"
# topic = "data.images"
# role = "data"
# provides = "sklearn-images"
# entry = "load_splits"
# twin = "pt.data.sklearn-images"
# questions = [
#     "load the sklearn digits dataset for keras",
#     "digits 8x8 images train val test split",
#     "how do I split an image dataset into train, validation and test",
#     "standardise images with the training statistics only",
#     "small mnist like dataset without download",
#     "sklearn digts keras cnn input shape",
# ]
# errors = ["Input 0 of layer \"conv2d\" is incompatible with the layer: expected min_ndim=4, found ndim=3"]
# apis = ["sklearn.datasets.load_digits", "sklearn.model_selection.train_test_split"]
# replaces = ["keras.datasets.mnist"]
# why = """Convolutions need a channel axis, and the mean and deviation must come from the training images alone:
# statistics of all images leak the test set into the training."""
# pitfalls = "Without stratify a small split can lack a class. Standardise before tf.data, once, not in every epoch."
# when_not = "Images in a folder: use keras.utils.image_dataset_from_directory."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Digits: 1,797 grey images of 8x8 pixels in stratified, standardised splits.

Images come as float32 (N, 8, 8, 1), labels as int64 (N,) in 0..9.
"""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
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


def load_splits(*, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Load the digits, split them and standardise the pixels with the training mean and deviation."""
    digits = load_digits()
    images = digits.images.astype(np.float32)[..., np.newaxis]  # (N, 8, 8, 1)
    labels = digits.target.astype(np.int64)  # (N,)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    mean, std = images[train].mean(), images[train].std()
    images = (images - mean) / std
    return Splits((images[train], labels[train]), (images[val], labels[val]), (images[test], labels[test]))


if __name__ == "__main__":
    splits = load_splits(fractions=(0.7, 0.15, 0.15), seed=0)
    for name, (images, labels) in zip(Splits._fields, splits, strict=True):
        print(name, images.shape, images.dtype, np.bincount(labels))
        assert images.shape == (len(labels), 8, 8, 1) and images.dtype == np.float32
        assert set(labels) == set(range(10))
    assert sum(len(labels) for _, labels in splits) == 1797
    assert abs(splits.train[0].mean()) < 1e-4 and abs(splits.train[0].std() - 1) < 1e-4
