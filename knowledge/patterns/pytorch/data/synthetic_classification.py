# /// pattern
# id = "pt.data.synthetic-classification"
# topic = "data.tabular"
# role = "data"
# provides = "synthetic-classification"
# entry = "load_splits"
# twin = "tf.data.synthetic-classification"
# questions = [
#   "synthetic classification data for pytorch",
#   "make_classification as tensors",
#   "dummy tabular dataset with 20 features and 4 classes",
#   "toy data to test a classifier torch",
#   "fake features and labels that can be learned",
#   "random data for mlp clasification",
# ]
# apis = ["torch.cdist", "torch.randn", "torch.utils.data.TensorDataset"]
# why = """Two clusters per class at a known distance: no straight line separates the classes, a small network does, and
# the best possible score is near 1, so anything far below it is a fault in the code."""
# pitfalls = "A score on synthetic data says that the code works, nothing about the task."
# when_not = "As soon as there is real data."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic features and classes that can be learnt: two Gaussian clusters for each class.

Not real data: a stand-in of the right shape until load_splits reads the table that matters.
"""

from typing import NamedTuple

import torch
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (features, label): float32 (F,) standardised, int64 ()."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset


def load_splits(
    *, num_samples: int, num_features: int, num_classes: int, fractions: tuple[float, float, float], seed: int
) -> Splits:
    """Balanced classes; the closest two of the 2 * num_classes cluster centres are six deviations apart."""
    generator = torch.Generator().manual_seed(seed)
    num_clusters = 2 * num_classes
    centres = torch.randn(num_clusters, num_features, generator=generator)
    distances = torch.cdist(centres, centres).fill_diagonal_(torch.inf)
    centres *= 6 / distances.min()

    clusters = torch.randperm(num_samples, generator=generator) % num_clusters  # (N,)
    features = centres[clusters] + torch.randn(num_samples, num_features, generator=generator)  # (N, F)
    labels = clusters % num_classes  # (N,)

    num_train, num_val = (round(fraction * num_samples) for fraction in fractions[:2])
    features = (features - features[:num_train].mean(dim=0)) / features[:num_train].std(dim=0)
    sizes = [num_train, num_val, num_samples - num_train - num_val]
    return Splits(*(TensorDataset(*part) for part in zip(features.split(sizes), labels.split(sizes), strict=True)))


if __name__ == "__main__":
    splits = load_splits(num_samples=1000, num_features=20, num_classes=4, fractions=(0.7, 0.15, 0.15), seed=0)
    features, labels = splits.train.tensors
    assert features.shape == (700, 20) and labels.unique().tolist() == [0, 1, 2, 3]
    assert features.mean(dim=0).abs().max() < 1e-4

    test_features, test_labels = splits.test.tensors
    nearest = torch.cdist(test_features, features).argmin(dim=1)  # the most similar training row
    accuracy = (labels[nearest] == test_labels).float().mean().item()
    assert accuracy > 0.95, accuracy
    print(f"held-out accuracy of the nearest neighbour: {accuracy:.3f}")
