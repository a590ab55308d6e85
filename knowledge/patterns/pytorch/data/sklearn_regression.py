# /// pattern
# id = "pt.data.sklearn-regression"
# topic = "data.tabular"
# role = "data"
# provides = "sklearn-regression"
# entry = "load_splits"
# twin = "tf.data.sklearn-regression"
# questions = [
#   "regression on the diabetes dataset in pytorch",
#   "load_diabetes torch",
#   "standardise the regression target and undo it",
#   "why is my regression loss in the thousands",
#   "scale targets for a neural network regression",
#   "regresion with a small table pytorch",
# ]
# apis = ["sklearn.datasets.load_diabetes", "torch.utils.data.TensorDataset"]
# why = """Targets between 25 and 346 start a network at a squared error of tens of thousands; standardised, the loss
# starts near 1 and the usual learning rates fit. target_mean and target_std turn predictions back into the units."""
# pitfalls = "Targets are (N, 1) like the predictions: (N,) against (N, 1) broadcasts the loss to an (N, N) matrix."
# when_not = "Targets that span orders of magnitude: take their logarithm first."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""The diabetes table of scikit-learn as train, validation and test sets for regression.

442 patients, 10 measurements, and the progression of the disease a year later (25 to 346).
"""

from typing import NamedTuple

import torch
from sklearn.datasets import load_diabetes
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


def load_splits(*, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Features (N, 10) and targets (N, 1), standardised with the statistics of the training rows."""
    table = load_diabetes(scaled=False)
    train_fraction, val_fraction, test_fraction = fractions
    rest, test = train_test_split(range(len(table.target)), test_size=test_fraction, random_state=seed)
    train, val = train_test_split(rest, test_size=val_fraction / (train_fraction + val_fraction), random_state=seed)

    features = torch.tensor(table.data, dtype=torch.float32)  # (442, 10)
    targets = torch.tensor(table.target, dtype=torch.float32).unsqueeze(1)  # (442, 1)
    features = (features - features[train].mean(dim=0)) / features[train].std(dim=0)
    mean, std = targets[train].mean().item(), targets[train].std().item()
    targets = (targets - mean) / std
    parts = (TensorDataset(features[rows], targets[rows]) for rows in (train, val, test))
    return Splits(*parts, target_mean=mean, target_std=std)


if __name__ == "__main__":
    splits = load_splits(fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train.tensors
    assert features.shape[1] == 10 and targets.shape == (len(features), 1)
    assert abs(targets.mean()) < 1e-4 and abs(targets.std() - 1) < 1e-4
    original = torch.cat([part.tensors[1] for part in splits[:3]]) * splits.target_std + splits.target_mean
    assert round(original.min().item()) == 25 and round(original.max().item()) == 346
    print([len(part) for part in splits[:3]], f"mean {splits.target_mean:.1f}, std {splits.target_std:.1f}")
