# /// pattern
# id = "pt.metrics.auc"
# topic = "metrics.classification"
# twin = "tf.metrics.auc"
# questions = [
#   "roc auc in pytorch without sklearn",
#   "compute auc from logits",
#   "average precision torch",
#   "auc over batches is wrong",
#   "area under the roc curve with ties",
#   "roc acu torch",
# ]
# apis = ["torch.sort", "torch.cumsum", "torch.unique_consecutive", "torch.searchsorted"]
# replaces = ["torchmetrics.AUROC"]
# why = """AUC is the chance that a random positive is scored above a random negative, ties counting half: ranks alone
# decide, so logits do as well as probabilities. It needs all scores together; the mean of the batches' AUC is another
# number."""
# pitfalls = """Scores that are rounded, as in float16, tie: by position instead of by tie the result depends on the
# order of the samples. With only one class there is no AUC."""
# when_not = "Positives are very rare: average precision says more about the top of the ranking."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: depends on the order"
# ///
"""Area under the ROC curve and average precision from all scores at once."""

import torch


def roc_auc(scores: torch.Tensor, targets: torch.Tensor) -> float:
    """Scores (N,), logits or probabilities, and 0/1 targets (N,); ties count half. NaN where a class is missing."""
    positive, negative = scores[targets == 1], scores[targets == 0].sort().values
    below = torch.searchsorted(negative, positive)  # how many negatives each positive beats
    not_above = torch.searchsorted(negative, positive, right=True)  # and ties
    return ((below + not_above).double() / 2).mean().item() / len(negative) if len(negative) else float("nan")


def average_precision(scores: torch.Tensor, targets: torch.Tensor) -> float:
    """Mean over the positives of the precision at their score, a tie being taken as a whole."""
    ranked, order = scores.sort(descending=True)
    _, counts = ranked.unique_consecutive(return_counts=True)
    last_of_tie = counts.cumsum(dim=0) - 1  # (distinct scores,)
    hits = targets[order].double().cumsum(dim=0)[last_of_tie]
    precision = hits / (last_of_tie + 1)
    return ((hits.diff(prepend=hits.new_zeros(1)) * precision).sum() / hits[-1]).item()


if __name__ == "__main__":
    from sklearn.metrics import average_precision_score, roc_auc_score

    torch.manual_seed(0)
    targets = (torch.rand(500) < 0.1).long()
    logits = torch.randn(500) + 1.5 * targets
    for scores in (logits, logits.sigmoid(), logits.round()):  # the last has many ties
        assert abs(roc_auc(scores, targets) - roc_auc_score(targets, scores)) < 1e-9
        assert abs(average_precision(scores, targets) - average_precision_score(targets, scores)) < 1e-9

    pairs = [(p > n) + 0.5 * (p == n) for p in logits[targets == 1].tolist() for n in logits[targets == 0].tolist()]
    assert abs(roc_auc(logits, targets) - sum(pairs) / len(pairs)) < 1e-9

    of_batches = [roc_auc(logits[part], targets[part]) for part in torch.arange(500).split(50)]
    mean = sum(of_batches) / len(of_batches)
    assert abs(mean - roc_auc(logits, targets)) > 0.005
    print(f"AUC {roc_auc(logits, targets):.4f}, the mean over batches would be {mean:.4f}")
