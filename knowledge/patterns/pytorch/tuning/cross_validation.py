# /// pattern
# id = "pt.tuning.cross-validation"
# topic = "tune.cross-validation"
# twin = "tf.tuning.cross-validation"
# questions = [
#   "k-fold cross validation pytorch",
#   "StratifiedKFold with a DataLoader and SubsetRandomSampler",
#   "reset the model for each fold",
#   "cross validation accuracy gets better with every fold",
#   "average the folds and report mean and std",
#   "which model do I keep after cross validation",
#   "kfold crossvalidaton torch",
# ]
# apis = ["sklearn.model_selection.StratifiedKFold", "torch.std_mean"]
# replaces = ["one model trained across all folds", "skorch cross_val_score"]
# why = """A fold's figure is honest only if its model has never seen the fold. A model that is carried on to the next
# fold has trained on what it is tested on: with labels that are tossed coins it reaches 1.00 by the last fold. So a new
# model, optimizer and scaling for each fold, and the folds stratified by class."""
# pitfalls = """The folds choose a setting; what is shipped is trained anew with it on all of the data, and judged once
# on a test set that was in no fold. Early stopping needs a part of the training folds of its own."""
# when_not = """Training is dear and data plenty: one validation set. Rows in groups or in time: GroupKFold,
# TimeSeriesSplit."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: coin tosses were predicted with accuracy"
# ///
"""Stratified k-fold cross-validation: a new model and new scaling for each fold."""

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from torch import nn


def train_model(x: torch.Tensor, y: torch.Tensor, *, seed: int) -> nn.Module:
    """A new classifier of two classes for features (N, D) and labels (N,), with the scaling in its first layer."""
    torch.manual_seed(seed)
    std, mean = torch.std_mean(x, dim=0)
    scale = nn.Linear(x.shape[1], x.shape[1]).requires_grad_(False)
    scale.weight.copy_(torch.diag(1 / std))
    scale.bias.copy_(-mean / std)
    model = nn.Sequential(scale, nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval()


@torch.inference_mode()
def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """The share of rows whose label is the largest logit."""
    return (model(x).argmax(dim=1) == y).double().mean().item()


def cross_validate(x: torch.Tensor, y: torch.Tensor, *, folds: int = 5, seed: int = 0) -> list[float]:
    """The accuracy of each fold, by a model that did not see it."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    scores = []
    for train, test in splitter.split(np.zeros(len(y)), y.numpy()):
        model = train_model(x[train], y[train], seed=seed)
        scores.append(accuracy(model, x[test], y[test]))
    return scores


if __name__ == "__main__":
    features, labels = load_breast_cancer(return_X_y=True)
    x, y = torch.tensor(features, dtype=torch.float32), torch.tensor(labels)  # (569, 30), (569,)
    scores = cross_validate(x, y)
    print(f"accuracy {np.mean(scores):.3f} ± {np.std(scores, ddof=1):.3f} over {len(scores)} folds")
    assert len(scores) == 5 and np.mean(scores) > 0.93

    coins = torch.randint(2, (569,), generator=torch.Generator().manual_seed(0))
    chance = cross_validate(x, coins)  # nothing can be learnt about coins
    assert 0.4 < np.mean(chance) < 0.6
    assert accuracy(train_model(x, coins, seed=0), x, coins) > 0.65  # though they can be learnt by heart
