# /// pattern
# id = "pt.evaluation.held-out"
# topic = "evaluation.splits"
# twin = "tf.evaluation.held-out"
# questions = [
#   "train validation test split which one for what",
#   "training accuracy 100 but test accuracy low",
#   "how do I evaluate on the test set pytorch",
#   "is 0.93 better than 0.92 accuracy on the test set",
#   "choose the best epoch on validation and report test",
#   "compare my network with a baseline",
#   "neural network or gradient boosting for tabular data",
#   "evalute on test set overfiting",
# ]
# apis = ["torch.nn.Module.eval", "torch.inference_mode", "sklearn.dummy.DummyClassifier",
#   "sklearn.ensemble.HistGradientBoostingClassifier"]
# replaces = ["accuracy on the training set", "best test epoch"]
# why = """Training data say what was learnt by heart: a network gets random labels right. Validation data choose the
# epoch, and by choosing become a little too good; the test set is read once, at the end, and its figure has an error of
# some sqrt(p (1 - p) / n). What it is worth shows beside baselines: the commonest class, and a tree ensemble of two
# lines."""
# pitfalls = """Scaling, vocabularies and feature selection are fitted on the training part too. Samples of one person
# or one day belong on one side. On small tables boosted trees often win: then they are the answer."""
# when_not = "A few hundred samples: cross-validation, a single split says little."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: right for 100% of its training data"
# ///
"""Three parts of the data: learn on one, choose on the second, report on the third, beside baselines."""

import copy
import math

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional as F


def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """The share of right answers."""
    model.eval()
    with torch.inference_mode():
        return (model(x).argmax(dim=1) == y).float().mean().item()


def fit(train: tuple, validation: tuple, *, epochs: int) -> nn.Module:
    """The network of the epoch with the best validation accuracy."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(train[0].shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    best, best_score = copy.deepcopy(model), 0.0
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(train[0]), train[1]).backward()
        optimizer.step()
        if (score := accuracy(model, *validation)) > best_score:
            best, best_score = copy.deepcopy(model), score
    return best


if __name__ == "__main__":
    x, y = load_breast_cancer(return_X_y=True)
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=150, stratify=y, random_state=0)
    x_train, x_val, y_train, y_val = train_test_split(x_rest, y_rest, test_size=120, stratify=y_rest, random_state=0)
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)  # of the training part alone

    def part(x: np.ndarray, y: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor((x - mean) / std, dtype=torch.float32), torch.tensor(y)

    network = fit(part(x_train, y_train), part(x_val, y_val), epochs=60)
    test = {"network": accuracy(network, *part(x_test, y_test))}  # once
    test["commonest class"] = DummyClassifier().fit(x_train, y_train).score(x_test, y_test)
    test["boosted trees"] = HistGradientBoostingClassifier(max_iter=50).fit(x_train, y_train).score(x_test, y_test)
    error = math.sqrt(test["network"] * (1 - test["network"]) / len(y_test))
    print({name: round(score, 3) for name, score in test.items()}, f"+- {error:.3f}")
    assert abs(test["commonest class"] - max(np.bincount(y_test)) / len(y_test)) < 1e-9
    assert test["network"] > test["commonest class"] + 5 * error and test["boosted trees"] > 0.88
