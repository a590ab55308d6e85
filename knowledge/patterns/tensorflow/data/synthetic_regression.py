# /// pattern
# id = "tf.data.synthetic-regression"
# topic = "data.tabular"
# role = "data"
# provides = "synthetic-regression"
# entry = "load_splits"
# twin = "pt.data.synthetic-regression"
# questions = [
#     "synthetic regression data for keras",
#     "random features with a learnable continuous target",
#     "toy regression dataset tensorflow",
#     "placeholder data for a regressor",
#     "generate fake regresion data",
# ]
# apis = ["numpy.random.default_rng"]
# replaces = ["sklearn.datasets.make_regression"]
# why = """The target is a linear part, a bend and a little noise: a linear model gets most of it, a network can get
# more, and an r2 near zero means that something is broken."""
# pitfalls = "A good score here says that the program works, nothing about real data."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic regression: a bent function of the features under noise, a stand-in until real rows are there."""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Splits(NamedTuple):
    """Features float32 (N, F) and standardised targets float32 (N, 1); target * target_std + target_mean undoes it."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    target_mean: float
    target_std: float


def load_splits(*, num_samples: int, num_features: int, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Draw features and targets, split them and standardise both with training statistics."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(num_samples, num_features))  # (N, F)
    weights = rng.normal(size=num_features)
    weights /= np.linalg.norm(weights)  # a linear part of variance 1
    targets = features @ weights + 0.3 * np.sin(2 * features[:, 0]) + 0.1 * rng.normal(size=num_samples)
    targets = targets.astype(np.float32)[:, np.newaxis]  # (N, 1)
    train, held_out = train_test_split(np.arange(num_samples), train_size=fractions[0], random_state=seed)
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, random_state=seed)
    features = StandardScaler().fit(features[train]).transform(features).astype(np.float32)
    mean, std = float(targets[train].mean()), float(targets[train].std())
    targets = (targets - mean) / std
    return Splits(
        (features[train], targets[train]), (features[val], targets[val]), (features[test], targets[test]), mean, std
    )


if __name__ == "__main__":
    splits = load_splits(num_samples=600, num_features=8, fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train
    assert features.shape == (420, 8) and targets.shape == (420, 1) and targets.dtype == np.float32
    r2 = LinearRegression().fit(features, targets).score(*splits.test)
    print(features.shape, f"r2 of a linear baseline {r2:.2f}")
    assert r2 > 0.8
