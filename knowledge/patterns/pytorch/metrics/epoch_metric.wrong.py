"""The mean of the batches' F1: batches without positives drag it down."""

import torch
from sklearn.metrics import f1_score

torch.manual_seed(0)
targets = (torch.rand(1000) < 0.05).long()
predicted = ((torch.randn(1000) + 3 * targets - 1.5) > 0).long()
parts = torch.arange(1000).split(32)
scores = [f1_score(targets[part], predicted[part], zero_division=0) for part in parts]  # wrong: sum the counts
mean, whole = sum(scores) / len(scores), f1_score(targets, predicted)
assert abs(mean - whole) < 0.01, f"the mean of the batches' F1 is {mean:.3f}, the F1 is {whole:.3f}"
