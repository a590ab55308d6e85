# /// pattern
# id = "pt.data.synthetic-regression"
# topic = "data.tabular"
# role = "data"
# provides = "synthetic-regression"
# entry = "load_splits"
# twin = "tf.data.synthetic-regression"
# questions = [
#   "synthetic regression data for pytorch",
#   "make_regression as tensors",
#   "toy regression dataset torch",
#   "fake numeric features and target to test a network",
#   "dummy data for regression with known noise",
#   "generate regresion data pytorch",
# ]
# apis = ["torch.randn", "torch.utils.data.TensorDataset"]
# why = """The noise is known: it carries 1 % of the variance, so the best r2 is near 0.99 and anything far below
# it is a fault in the code. A bend in the target leaves something to learn beyond a straight line."""
# pitfalls = "A score on synthetic data says that the code works, nothing about the task."
# when_not = "As soon as there is real data."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic features and targets that can be learnt: a line, a bend, and a little noise.

Not real data: a stand-in of the right shape until load_splits reads the table that matters.
"""

from typing import NamedTuple

import torch
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


def load_splits(*, num_samples: int, num_features: int, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Targets are 2 u + sin(2 v) + noise, u and v being two directions in the features."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(num_samples, num_features, generator=generator)  # (N, F)
    directions = torch.randn(num_features, 2, generator=generator)
    u, v = (features @ (directions / directions.norm(dim=0))).unbind(dim=1)  # both (N,), of unit variance
    noise = 0.2 * torch.randn(num_samples, generator=generator)
    targets = (2 * u + torch.sin(2 * v) + noise).unsqueeze(1)  # (N, 1)

    num_train, num_val = (round(fraction * num_samples) for fraction in fractions[:2])
    features = (features - features[:num_train].mean(dim=0)) / features[:num_train].std(dim=0)
    mean, std = targets[:num_train].mean().item(), targets[:num_train].std().item()
    targets = (targets - mean) / std
    sizes = [num_train, num_val, num_samples - num_train - num_val]
    parts = (TensorDataset(*part) for part in zip(features.split(sizes), targets.split(sizes), strict=True))
    return Splits(*parts, target_mean=mean, target_std=std)


if __name__ == "__main__":
    splits = load_splits(num_samples=1000, num_features=8, fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train.tensors
    assert features.shape == (700, 8) and targets.shape == (700, 1)
    assert abs(targets.mean()) < 1e-4 and abs(targets.std() - 1) < 1e-4

    test_features, test_targets = splits.test.tensors
    weights = torch.linalg.lstsq(features, targets).solution  # (8, 1)
    r2 = 1 - ((test_features @ weights - test_targets) ** 2).mean() / test_targets.var()
    assert 0.7 < r2 < 0.97, r2  # a line explains most of it, and leaves something to learn
    print(f"held-out r2 of a straight line: {r2:.3f}")
