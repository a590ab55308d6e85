# /// pattern
# id = "pt.data.sklearn-classification"
# topic = "data.tabular"
# role = "data"
# provides = "sklearn-classification"
# entry = "load_splits"
# twin = "tf.data.sklearn-classification"
# questions = [
#   "iris classification with pytorch",
#   "wine dataset pytorch mlp",
#   "breast cancer dataset torch",
#   "load a sklearn toy dataset into a TensorDataset",
#   "standardise tabular features without leaking test data",
#   "stratified train validation test split pytorch",
#   "clasify tabular data torch",
# ]
# errors = ["expected scalar type Long but found Int", "mat1 and mat2 must have the same dtype"]
# apis = ["torch.utils.data.TensorDataset", "sklearn.datasets.load_iris", "sklearn.datasets.load_wine",
#   "sklearn.datasets.load_breast_cancer", "sklearn.model_selection.train_test_split"]
# why = """Wine's columns differ in scale by a factor of thousands; standardised, a network learns from all of them.
# The statistics are those of the training rows: the other rows stand for data nobody has seen yet."""
# pitfalls = "Statistics taken before the split let test rows shape the training features; see the wrong example."
# when_not = "A few hundred rows and no need for a network: gradient-boosted trees are the stronger baseline."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: test rows changed the training features"
# ///
"""The classification tables of scikit-learn as train, validation and test sets."""

from typing import Literal, NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset

TABLES = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer}


class Splits(NamedTuple):
    """Disjoint sets of (features, label): float32 (F,) standardised, int64 ()."""

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


def load_splits(
    name: Literal["iris", "wine", "breast_cancer"], *, fractions: tuple[float, float, float], seed: int
) -> Splits:
    """Features (N, F), standardised column by column with the statistics of the training rows."""
    table = TABLES[name]()
    train, val, test = split_rows(table.target, fractions, seed=seed)
    features = torch.tensor(table.data, dtype=torch.float32)  # (N, F)
    features = (features - features[train].mean(dim=0)) / features[train].std(dim=0)
    labels = torch.tensor(table.target, dtype=torch.int64)  # (N,)
    return Splits(*(TensorDataset(features[rows], labels[rows]) for rows in (train, val, test)))


if __name__ == "__main__":
    for name, num_features, num_classes in [("iris", 4, 3), ("wine", 13, 3), ("breast_cancer", 30, 2)]:
        splits = load_splits(name, fractions=(0.7, 0.15, 0.15), seed=0)
        features, labels = splits.train.tensors
        assert features.shape == (len(labels), num_features) and features.dtype == torch.float32
        assert torch.allclose(features.mean(dim=0), torch.zeros(num_features), atol=1e-4)
        assert all(len(torch.unique(part.tensors[1])) == num_classes for part in splits)
        print(name, [len(part) for part in splits])
