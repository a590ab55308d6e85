# /// pattern
# id = "pt.metrics.top-k"
# topic = "metrics.classification"
# twin = "tf.metrics.top-k"
# questions = [
#   "top 5 accuracy pytorch",
#   "top k accuracy from logits",
#   "recall at k for retrieval torch",
#   "torch.topk to compute accuracy",
#   "view size is not compatible in topk accuracy function",
#   "topk acuracy imagenet torch",
# ]
# errors = ["selected index k out of range"]
# apis = ["torch.topk", "torch.Tensor.any"]
# replaces = ["torchmetrics.Accuracy(top_k=5)", "correct[:k].view(-1)"]
# why = """A sample counts if its label is among the k highest logits: compare (N, k) indices with (N, 1) labels, any
# over k. One topk for the largest k serves all smaller ones, since its indices are sorted."""
# pitfalls = """With ties topk decides by position: a model that gives all classes the same logit is not always wrong.
# k must not exceed the number of classes."""
# when_not = "Few classes: with ten, half of all guesses are in the top 5."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: compared with the wrong rows"
# ///
"""Top-k accuracy for several k at once."""

import torch


def top_k_hits(logits: torch.Tensor, labels: torch.Tensor, *, ks: tuple[int, ...]) -> dict[int, int]:
    """k -> how many of the labels (N,) are among the k highest logits (N, K); counts, to be summed over batches."""
    best = logits.topk(max(ks), dim=1).indices  # (N, k), the highest first
    hits = best == labels[:, None]  # (N, k)
    return {k: int(hits[:, :k].any(dim=1).sum()) for k in ks}


if __name__ == "__main__":
    from sklearn.metrics import top_k_accuracy_score

    torch.manual_seed(0)
    labels = torch.randint(0, 20, (300,))
    logits = torch.randn(300, 20) + 1.5 * torch.nn.functional.one_hot(labels, 20)
    totals = dict.fromkeys((1, 3, 5), 0)
    for part in torch.arange(300).split(128):
        for k, hits in top_k_hits(logits[part], labels[part], ks=(1, 3, 5)).items():
            totals[k] += hits
    for k, hits in totals.items():
        assert abs(hits / 300 - top_k_accuracy_score(labels, logits, k=k)) < 1e-12
    assert totals[1] == int((logits.argmax(dim=1) == labels).sum())
    print({k: round(hits / 300, 3) for k, hits in totals.items()})
