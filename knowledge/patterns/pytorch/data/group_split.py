# /// pattern
# id = "pt.data.group-split"
# topic = "data.leakage"
# questions = [
#   "train test split by patient so that there is no leakage",
#   "validation accuracy is great but real data fails",
#   "data leakage between train and validation set",
#   "GroupShuffleSplit with pytorch",
#   "several images of the same person in train and test",
#   "fit the scaler before or after the split",
#   "group split data leakege",
# ]
# apis = ["sklearn.model_selection.GroupShuffleSplit", "torch.std_mean", "torch.cdist"]
# replaces = ["torch.utils.data.random_split of repeated measurements", "train_test_split without groups"]
# why = """Rows of one patient, speaker or video resemble each other. Split by rows, the model meets its training
# patients again in validation and is praised for recognising them: here labels that are tossed coins are "predicted"
# with an accuracy of 1.00. Split by groups, it falls to chance, which is the truth."""
# pitfalls = """The same leak comes from scaling or choosing features on all rows, from duplicates, and from windows of
# one series that overlap. Split first, then fit everything on the training part."""
# when_not = "Rows are independent; for series in time, split at a date instead."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: coin tosses were predicted with accuracy 1.00"
# ///
"""A split that keeps each group on one side, with scaling fitted on the training side alone."""

import numpy as np
import torch
from sklearn.model_selection import GroupShuffleSplit


def split_by_group(groups: torch.Tensor, *, held_out: float = 0.2, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices of training and held-out rows; no group (N,) is in both."""
    splitter = GroupShuffleSplit(n_splits=1, test_size=held_out, random_state=seed)
    train, test = next(splitter.split(np.zeros(len(groups)), groups=groups.numpy()))
    return torch.from_numpy(train), torch.from_numpy(test)


def standardise(features: torch.Tensor, train: torch.Tensor) -> torch.Tensor:
    """All rows of (N, D), by the mean and deviation of the training rows."""
    std, mean = torch.std_mean(features[train], dim=0)
    return (features - mean) / std.clamp(min=1e-8)


def nearest_neighbour_accuracy(
    features: torch.Tensor, labels: torch.Tensor, train: torch.Tensor, test: torch.Tensor
) -> float:
    """Accuracy of answering with the label of the nearest training row: a model that knows its data by heart."""
    nearest = torch.cdist(features[test], features[train]).argmin(dim=1)
    return (labels[train][nearest] == labels[test]).double().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    patients, visits = 200, 10
    groups = torch.arange(patients).repeat_interleave(visits)  # (2000,)
    labels = (torch.randperm(patients) % 2)[groups]  # a coin for each patient: there is nothing to learn
    features = torch.randn(patients, 16)[groups] + 0.1 * torch.randn(patients * visits, 16)

    train, test = split_by_group(groups)
    assert not set(groups[train].tolist()) & set(groups[test].tolist())
    assert len(groups[test].unique()) == 40 and len(train) + len(test) == 2000
    scaled = standardise(features, train)
    assert scaled[train].mean(dim=0).abs().max() < 1e-4 < scaled[test].mean(dim=0).abs().max()
    honest = nearest_neighbour_accuracy(scaled, labels, train, test)

    rows = torch.randperm(2000)
    flattered = nearest_neighbour_accuracy(scaled, labels, rows[400:], rows[:400])
    print(f"split by patient {honest:.2f}, by row {flattered:.2f}")
    assert 0.2 < honest < 0.8 and flattered > 0.99
