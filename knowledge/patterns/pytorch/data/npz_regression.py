# /// pattern
# id = "pt.data.npz-regression"
# topic = "data.tabular"
# role = "data"
# provides = "npz-regression"
# entry = "load_splits"
# twin = "tf.data.npz-regression"
# questions = [
#   "load features and a continuous target from npz for pytorch regression",
#   "numpy arrays regression TensorDataset",
#   "fit a network to numpy x and y",
#   "standardise x and y with train statistics torch",
#   "target shape (N,) or (N, 1) for MSELoss",
#   "npz regresion pytorch",
# ]
# errors = ["Found dtype Double but expected Float"]
# apis = ["numpy.load", "torch.tensor", "torch.utils.data.TensorDataset", "sklearn.model_selection.train_test_split"]
# why = """NumPy's float64 raises in backward against a float32 model, and (N,) targets broadcast against (N, 1)
# predictions; float32 (N, 1) from the start avoids both."""
# pitfalls = "Keep target_mean and target_std with the model: without them its predictions have no units."
# when_not = "Rows that follow each other in time: split by position instead of at random."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A feature matrix and its targets from an .npz file as train, validation and test sets."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (features, target): float32 (F,) and (1,), both standardised.

    A prediction in the original units is `prediction * target_std + target_mean`.
    """

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset
    target_mean: float
    target_std: float


def load_splits(path: Path, *, x_key: str, y_key: str, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read the arrays x_key (N, F) and y_key (N,) or (N, 1); statistics are those of the training rows."""
    with np.load(path) as arrays:
        features = torch.tensor(arrays[x_key], dtype=torch.float32)  # (N, F)
        targets = torch.tensor(arrays[y_key], dtype=torch.float32).reshape(len(features), 1)  # (N, 1)

    train_fraction, val_fraction, test_fraction = fractions
    rest, test = train_test_split(np.arange(len(features)), test_size=test_fraction, random_state=seed)
    train, val = train_test_split(rest, test_size=val_fraction / (train_fraction + val_fraction), random_state=seed)

    features = (features - features[train].mean(dim=0)) / features[train].std(dim=0).clamp(min=1e-6)
    mean, std = targets[train].mean().item(), targets[train].std().item()
    targets = (targets - mean) / std
    parts = (TensorDataset(features[rows], targets[rows]) for rows in (train, val, test))
    return Splits(*parts, target_mean=mean, target_std=std)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    rng = np.random.default_rng(0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.npz"
        np.savez(path, x=rng.normal(5, 3, size=(120, 7)), y=rng.normal(100, 20, size=120))
        splits = load_splits(path, x_key="x", y_key="y", fractions=(0.6, 0.2, 0.2), seed=0)
    features, targets = splits.train.tensors
    assert features.shape == (72, 7) and targets.shape == (72, 1) and targets.dtype == torch.float32
    assert abs(targets.mean()) < 1e-4 and abs(targets.std() - 1) < 1e-4
    print([len(part) for part in splits[:3]], f"mean {splits.target_mean:.1f}, std {splits.target_std:.1f}")
