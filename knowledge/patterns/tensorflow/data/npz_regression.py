# /// pattern
# id = "tf.data.npz-regression"
# topic = "data.tabular"
# role = "data"
# provides = "npz-regression"
# entry = "load_splits"
# twin = "pt.data.npz-regression"
# questions = [
#     "load features and targets from npz for keras regression",
#     "numpy npz regression train test split",
#     "standardise targets from a npz file",
#     "np.load X y regression tensorflow",
#     "npz regresion",
# ]
# apis = ["numpy.load", "sklearn.preprocessing.StandardScaler"]
# why = """Targets are kept as (N, 1) and standardised with the training rows, so that the loss starts near 1 and
# matches the (N, 1) predictions."""
# pitfalls = "Multiply by target_std and add target_mean before showing a prediction to anyone."
# when_not = "Arrays larger than memory: TFRecord files or a PyDataset. Rows in time: split by time."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A feature matrix and one continuous target of an .npz file in standardised splits."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Splits(NamedTuple):
    """Features float32 (N, F) and standardised targets float32 (N, 1); target * target_std + target_mean undoes it."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    target_mean: float
    target_std: float


def load_splits(path: Path, *, x_key: str, y_key: str, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read features (N, F) and targets (N,) or (N, 1), split them and standardise both with training statistics."""
    with np.load(path) as arrays:
        features = arrays[x_key].astype(np.float32)  # (N, F)
        targets = arrays[y_key].astype(np.float32).reshape(len(features), 1)
    train, held_out = train_test_split(np.arange(len(targets)), train_size=fractions[0], random_state=seed)
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, random_state=seed)
    features = StandardScaler().fit(features[train]).transform(features)
    mean, std = float(targets[train].mean()), float(targets[train].std())
    targets = (targets - mean) / std
    return Splits(
        (features[train], targets[train]), (features[val], targets[val]), (features[test], targets[test]), mean, std
    )


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measurements.npz"
        np.savez(path, x=x, y=100 + 20 * x[:, 0])
        splits = load_splits(path, x_key="x", y_key="y", fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train
    print(features.shape, targets.shape, splits.target_mean, splits.target_std)
    assert features.shape == (140, 6) and targets.shape == (140, 1) and targets.dtype == np.float32
    assert abs(targets.mean()) < 1e-4 and abs(splits.target_mean - 100) < 5
