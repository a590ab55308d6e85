# /// pattern
# id = "tf.data.npz-classification"
# topic = "data.tabular"
# role = "data"
# provides = "npz-classification"
# entry = "load_splits"
# twin = "pt.data.npz-classification"
# questions = [
#     "load features and labels from npz for keras",
#     "numpy npz train test split classification",
#     "np.load X y tensorflow",
#     "standardise a feature matrix from a npz",
#     "npz file keras clasification",
# ]
# errors = ["KeyError: 'x is not a file in the archive'"]
# apis = ["numpy.load", "sklearn.preprocessing.StandardScaler"]
# why = """Labels become 0..C-1 whatever they were: sparse cross entropy reads a label as an index, and one outside the
# logits gives NaN or an error."""
# pitfalls = "np.savez without keyword names stores arr_0 and arr_1: name the arrays."
# when_not = """Arrays larger than memory: TFRecord files or a PyDataset. Rows that belong together (a patient, a day):
# split by group."""
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A feature matrix and labels of an .npz file in stratified, standardised splits."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
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


def load_splits(path: Path, *, x_key: str, y_key: str, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read features (N, F) and labels (N,), split them and standardise with training statistics.

    The values of the labels, sorted, become the classes 0..C-1.
    """
    with np.load(path) as arrays:
        features = arrays[x_key].astype(np.float32)  # (N, F)
        _, labels = np.unique(arrays[y_key].ravel(), return_inverse=True)
    labels = labels.astype(np.int64)  # (N,)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    features = StandardScaler().fit(features[train]).transform(features)
    return Splits((features[train], labels[train]), (features[val], labels[val]), (features[test], labels[test]))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measurements.npz"
        np.savez(path, x=rng.normal(5, 3, size=(200, 6)), y=rng.choice(["low", "mid", "high"], size=200))
        splits = load_splits(path, x_key="x", y_key="y", fractions=(0.7, 0.15, 0.15), seed=0)
    features, labels = splits.train
    print(features.shape, features.dtype, np.bincount(labels))
    assert features.shape == (140, 6) and features.dtype == np.float32 and set(labels) == {0, 1, 2}
    assert np.allclose(features.mean(axis=0), 0, atol=1e-3)
