# /// pattern
# id = "pt.data.sklearn-images"
# topic = "data.images"
# role = "data"
# provides = "sklearn-images"
# entry = "load_splits"
# twin = "tf.data.sklearn-images"
# questions = [
#   "train a cnn on the sklearn digits dataset in pytorch",
#   "load_digits to tensors",
#   "train val test split for images pytorch",
#   "small image dataset without download",
#   "8x8 digits classification torch",
#   "how to standardise images with the training statistics only",
#   "digts dataset pytroch",
# ]
# errors = ["Expected 4D input (got 3D input)", "expected scalar type Float but found Double"]
# apis = ["sklearn.datasets.load_digits", "torch.utils.data.TensorDataset", "sklearn.model_selection.train_test_split"]
# why = """Convolutions want float32 (N, C, H, W) and cross entropy wants int64 (N,): both are made once, here.
# Mean and deviation come from the training rows, so the test score is one the model would get on new images."""
# pitfalls = "load_digits gives float64 (N, 8, 8): without unsqueeze(1) and float32 the first convolution raises."
# when_not = "Images that do not fit in memory: read them in a Dataset's __getitem__ instead."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""The digits images of scikit-learn as train, validation and test sets.

1797 grey images of 8x8 pixels in 10 classes; part of scikit-learn, so nothing is downloaded.
"""

from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (image, label): float32 (1, 8, 8) standardised, int64 ()."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset


def split_rows(labels: np.ndarray, fractions: tuple[float, float, float], *, seed: int) -> tuple[np.ndarray, ...]:
    """Shuffled row numbers of train, val and test, each with the classes in the same proportions."""
    train_fraction, val_fraction, test_fraction = fractions
    rows = np.arange(len(labels))
    rest, test = train_test_split(rows, test_size=test_fraction, stratify=labels, random_state=seed)
    val_of_rest = val_fraction / (train_fraction + val_fraction)
    train, val = train_test_split(rest, test_size=val_of_rest, stratify=labels[rest], random_state=seed)
    return train, val, test


def load_splits(*, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Digits as images (N, 1, 8, 8), standardised with the mean and deviation of the training images."""
    digits = load_digits()
    train, val, test = split_rows(digits.target, fractions, seed=seed)
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)  # (1797, 1, 8, 8), values 0..16
    images = (images - images[train].mean()) / images[train].std()
    labels = torch.tensor(digits.target, dtype=torch.int64)  # (1797,)
    return Splits(*(TensorDataset(images[rows], labels[rows]) for rows in (train, val, test)))


if __name__ == "__main__":
    splits = load_splits(fractions=(0.7, 0.15, 0.15), seed=0)
    images, labels = splits.train.tensors
    assert images.shape[1:] == (1, 8, 8) and images.dtype == torch.float32 and labels.dtype == torch.int64
    assert abs(images.mean()) < 1e-4 and abs(images.std() - 1) < 1e-4
    assert sum(len(part) for part in splits) == 1797
    assert all(len(torch.unique(part.tensors[1])) == 10 for part in splits)

    again = load_splits(fractions=(0.7, 0.15, 0.15), seed=0)
    assert torch.equal(again.test.tensors[0], splits.test.tensors[0])
    print({name: len(part) for name, part in splits._asdict().items()})
