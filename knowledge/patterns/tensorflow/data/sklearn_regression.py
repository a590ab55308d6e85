# /// pattern
# id = "tf.data.sklearn-regression"
# topic = "data.tabular"
# role = "data"
# provides = "sklearn-regression"
# entry = "load_splits"
# twin = "pt.data.sklearn-regression"
# questions = [
#     "load the diabetes dataset for keras regression",
#     "standardise the target of a regression",
#     "regression dataset train val test split tensorflow",
#     "scale y for a neural network and scale it back",
#     "diabets regression data",
# ]
# apis = ["sklearn.datasets.load_diabetes", "sklearn.preprocessing.StandardScaler"]
# replaces = ["sklearn.datasets.load_boston", "keras.datasets.boston_housing"]
# why = """A target far from zero makes the first loss and its gradients huge; a standardised one starts with a loss
# near 1. The training mean and deviation turn predictions back into the original units."""
# pitfalls = """The target must be (N, 1): against (N, 1) predictions an (N,) target can broadcast to (N, N) in
# hand-written losses."""
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Diabetes progression: 442 patients, 10 features, a standardised target."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Splits(NamedTuple):
    """Features float32 (N, F) and standardised targets float32 (N, 1); target * target_std + target_mean undoes it."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    target_mean: float
    target_std: float


def load_splits(*, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Load the table, split it and standardise features and target with training statistics."""
    table = load_diabetes(scaled=False)
    targets = table.target.astype(np.float32)[:, np.newaxis]  # (N, 1)
    train, held_out = train_test_split(np.arange(len(targets)), train_size=fractions[0], random_state=seed)
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, random_state=seed)
    scaler = StandardScaler().fit(table.data[train])
    features = scaler.transform(table.data).astype(np.float32)  # (N, F)
    mean, std = float(targets[train].mean()), float(targets[train].std())
    targets = (targets - mean) / std
    return Splits(
        (features[train], targets[train]), (features[val], targets[val]), (features[test], targets[test]), mean, std
    )


if __name__ == "__main__":
    splits = load_splits(fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train
    print(features.shape, targets.shape, f"target mean {splits.target_mean:.1f}, deviation {splits.target_std:.1f}")
    assert features.shape == (len(targets), 10) and targets.shape == (len(features), 1)
    assert features.dtype == targets.dtype == np.float32
    assert abs(targets.mean()) < 1e-4 and abs(targets.std() - 1) < 1e-4
    assert 100 < splits.target_mean < 200
