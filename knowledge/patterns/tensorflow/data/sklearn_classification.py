# /// pattern
# id = "tf.data.sklearn-classification"
# topic = "data.tabular"
# role = "data"
# provides = "sklearn-classification"
# entry = "load_splits"
# twin = "pt.data.sklearn-classification"
# questions = [
#     "load iris for keras",
#     "wine dataset train validation test split with standardisation",
#     "breast cancer dataset tensorflow",
#     "scale tabular features before a neural network",
#     "stratified train val test split",
#     "standard scaler fit on train only",
#     "irs dataset keras",
# ]
# apis = [
#     "sklearn.datasets.load_iris",
#     "sklearn.datasets.load_wine",
#     "sklearn.datasets.load_breast_cancer",
#     "sklearn.preprocessing.StandardScaler",
# ]
# why = """The scaler is fitted on the training rows alone, so that validation and test say what unseen data will say;
# with features of very different units a network hardly trains unscaled."""
# pitfalls = "Keep the fitted scaler beside the model if new rows are to be predicted later."
# when_not = "Trees and boosting need no scaling."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: statistics of the test rows were used in training"
# ///
"""Classic tables (iris, wine, breast cancer) in stratified, standardised splits."""

from typing import Literal, NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
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


def load_splits(
    name: Literal["iris", "wine", "breast_cancer"], *, fractions: tuple[float, float, float], seed: int
) -> Splits:
    """Load a table, split it and standardise each feature with the training mean and deviation."""
    loaders = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer}
    table = loaders[name]()
    labels = table.target.astype(np.int64)  # (N,)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    scaler = StandardScaler().fit(table.data[train])
    features = scaler.transform(table.data).astype(np.float32)  # (N, F)
    return Splits((features[train], labels[train]), (features[val], labels[val]), (features[test], labels[test]))


if __name__ == "__main__":
    for name, num_features, num_classes in [("iris", 4, 3), ("wine", 13, 3), ("breast_cancer", 30, 2)]:
        splits = load_splits(name, fractions=(0.7, 0.15, 0.15), seed=0)
        features, labels = splits.train
        print(name, [len(labels) for _, labels in splits], features.shape)
        assert features.shape == (len(labels), num_features) and features.dtype == np.float32
        assert all(set(labels) == set(range(num_classes)) for _, labels in splits)
        assert np.allclose(features.mean(axis=0), 0, atol=1e-4) and np.allclose(features.std(axis=0), 1, atol=1e-3)
