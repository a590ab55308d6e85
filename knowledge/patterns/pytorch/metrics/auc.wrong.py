"""AUC from ranks without regard to ties: sorted by luck, a model that says nothing seems perfect, or hopeless."""

import torch


def roc_auc(scores: torch.Tensor, targets: torch.Tensor) -> float:
    """From the sum of the positives' ranks."""
    ranks = scores.argsort(stable=True).argsort() + 1  # wrong: tied scores need the mean of their ranks
    positives = int(targets.sum())
    negatives = len(targets) - positives
    return ((ranks[targets == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)).item()


targets = torch.tensor([0, 0, 0, 1, 1])
scores = torch.zeros(5)  # all alike: AUC 0.5
one_way, other_way = roc_auc(scores, targets), roc_auc(scores, targets.flip(0))
assert one_way == other_way == 0.5, f"the AUC depends on the order of the samples: {one_way} and {other_way}"
