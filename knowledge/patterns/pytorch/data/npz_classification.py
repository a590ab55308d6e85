# /// pattern
# id = "pt.data.npz-classification"
# topic = "data.tabular"
# role = "data"
# provides = "npz-classification"
# entry = "load_splits"
# twin = "tf.data.npz-classification"
# questions = [
#   "load features and labels from npz for pytorch classification",
#   "numpy X y arrays to TensorDataset",
#   "train an mlp on numpy arrays",
#   "convert numpy float64 features to float32 tensors",
#   "feature matrix npz file classifier torch",
#   "numpy aray to pytorch dataset",
# ]
# errors = ["mat1 and mat2 must have the same dtype, but got Double and Float",
#   "expected scalar type Long but found Float"]
# apis = ["numpy.load", "torch.tensor", "torch.utils.data.TensorDataset", "sklearn.model_selection.train_test_split"]
# why = """NumPy's float64 does not multiply with a layer's float32 weights, and labels such as 10, 20, 30 are not class
# numbers: both are put right once, while loading."""
# pitfalls = "Labels must be 0..C-1: np.unique(return_inverse=True) numbers them whatever they were."
# when_not = "Arrays larger than memory: np.load(mmap_mode='r') on .npy files and a Dataset of your own."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A feature matrix and its labels from an .npz file as train, validation and test sets."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (features, label): float32 (F,) standardised, int64 () from 0 to C-1."""

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


def load_splits(path: Path, *, x_key: str, y_key: str, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read the arrays x_key (N, F) and y_key (N,) or (N, 1); statistics are those of the training rows."""
    with np.load(path) as arrays:
        features = torch.tensor(arrays[x_key], dtype=torch.float32)  # (N, F)
        labels = arrays[y_key].reshape(len(features))
    labels = np.unique(labels, return_inverse=True)[1]

    train, val, test = split_rows(labels, fractions, seed=seed)
    features = (features - features[train].mean(dim=0)) / features[train].std(dim=0).clamp(min=1e-6)
    targets = torch.tensor(labels, dtype=torch.int64)  # (N,)
    return Splits(*(TensorDataset(features[rows], targets[rows]) for rows in (train, val, test)))


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    rng = np.random.default_rng(0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.npz"
        np.savez(path, x=rng.normal(5, 3, size=(120, 7)), y=rng.permutation(np.arange(120) % 3) * 10)
        splits = load_splits(path, x_key="x", y_key="y", fractions=(0.6, 0.2, 0.2), seed=0)
    features, labels = splits.train.tensors
    assert features.shape == (72, 7) and features.dtype == torch.float32 and labels.unique().tolist() == [0, 1, 2]
    assert features.mean(dim=0).abs().max() < 1e-4
    print([len(part) for part in splits])
