# /// pattern
# id = "tf.data.synthetic-classification"
# topic = "data.tabular"
# role = "data"
# provides = "synthetic-classification"
# entry = "load_splits"
# twin = "pt.data.synthetic-classification"
# questions = [
#     "synthetic tabular classification data for keras",
#     "random features with learnable classes",
#     "placeholder table to test a classifier",
#     "generate a toy classification dataset",
#     "make_clasification keras",
# ]
# apis = ["numpy.random.default_rng"]
# replaces = ["sklearn.datasets.make_classification"]
# why = """Each class is a cloud around its own centre and the closest two centres lie five deviations apart, so a
# working classifier passes 90% for any number of features and classes, and chance means that something is broken."""
# pitfalls = "A good score here says that the program works, nothing about real data."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic table: one Gaussian cloud per class, a stand-in until real rows are there."""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Splits(NamedTuple):
    """Features float32 (N, F) and labels int64 (N,) of each split."""

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


def cloud_centres(rng: np.random.Generator, *, num_classes: int, num_features: int) -> np.ndarray:
    """Random centres (classes, F), scaled so that the closest two lie five deviations apart."""
    centres = rng.normal(size=(num_classes, num_features))
    first, second = np.triu_indices(num_classes, k=1)
    closest = np.linalg.norm(centres[first] - centres[second], axis=1).min()
    return centres * 5 / closest


def load_splits(
    *, num_samples: int, num_features: int, num_classes: int, fractions: tuple[float, float, float], seed: int
) -> Splits:
    """Draw balanced classes around their centres, split the rows and standardise with training statistics."""
    rng = np.random.default_rng(seed)
    centres = cloud_centres(rng, num_classes=num_classes, num_features=num_features)
    labels = rng.permutation(np.arange(num_samples, dtype=np.int64) % num_classes)  # (N,)
    features = centres[labels] + rng.normal(size=(num_samples, num_features))  # (N, F)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    features = StandardScaler().fit(features[train]).transform(features).astype(np.float32)
    return Splits((features[train], labels[train]), (features[val], labels[val]), (features[test], labels[test]))


if __name__ == "__main__":
    splits = load_splits(num_samples=600, num_features=8, num_classes=4, fractions=(0.7, 0.15, 0.15), seed=0)
    features, labels = splits.train
    assert features.shape == (420, 8) and features.dtype == np.float32 and set(labels) == {0, 1, 2, 3}
    accuracy = LogisticRegression().fit(features, labels).score(*splits.test)
    print(features.shape, f"accuracy of a linear baseline {accuracy:.2f}")
    assert accuracy > 0.9
