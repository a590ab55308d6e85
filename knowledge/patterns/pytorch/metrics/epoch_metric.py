# /// pattern
# id = "pt.metrics.epoch-metric"
# topic = "metrics.averaging"
# twin = "tf.metrics.custom-metric"
# questions = [
#   "average f1 over batches is wrong",
#   "accumulate a metric over an epoch pytorch",
#   "metric class with update compute reset like torchmetrics",
#   "mean of batch metrics versus metric of the whole epoch",
#   "precision and recall over a dataset torch",
#   "metric avarage last batch smaller",
# ]
# apis = ["torch.Tensor.sum", "torch.nn.Module.register_buffer"]
# replaces = ["torchmetrics.F1Score", "ignite.metrics", "pytorch_lightning.metrics"]
# why = """Accuracy over unequal batches, precision, recall, F1, AUC and rmse are ratios or roots of sums: the mean of
# their batch values is another number. Add up the counts, and divide once at the end."""
# pitfalls = """Keep the counts as tensors on the device and call item() once: each call waits for the GPU. Across
# devices sum the counts, not the results."""
# when_not = "torchmetrics is installed: its classes do this, devices included."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the mean of the batches' F1"
# ///
"""Precision, recall and F1 of a whole epoch, from counts that are summed batch by batch."""

import torch
from torch import nn


class BinaryF1(nn.Module):
    """Counts over all batches since the last reset(); a module, so that .to(device) moves the counts."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("counts", torch.zeros(3, dtype=torch.int64), persistent=False)

    def update(self, logits: torch.Tensor, targets: torch.Tensor) -> None:
        """Logits and 0/1 targets of one shape."""
        predicted, true = logits.detach() > 0, targets.bool()
        self.counts += torch.stack([(predicted & true).sum(), (predicted & ~true).sum(), (~predicted & true).sum()])

    def compute(self) -> dict[str, float]:
        """{"precision", "recall", "f1"}; 0 where nothing was predicted or nothing was there to find."""
        true_positive, false_positive, false_negative = self.counts.tolist()
        precision = true_positive / max(true_positive + false_positive, 1)
        recall = true_positive / max(true_positive + false_negative, 1)
        f1 = 2 * true_positive / max(2 * true_positive + false_positive + false_negative, 1)
        return {"precision": precision, "recall": recall, "f1": f1}

    def reset(self) -> None:
        """Begin anew, as at the start of an epoch."""
        self.counts.zero_()


if __name__ == "__main__":
    from sklearn.metrics import precision_recall_fscore_support

    torch.manual_seed(0)
    targets = (torch.rand(1000) < 0.05).long()  # one in twenty
    logits = torch.randn(1000) + 3 * targets - 1.5
    metric = BinaryF1()
    for _ in range(2):  # the second epoch must not remember the first
        metric.reset()
        for part in torch.arange(1000).split(32):  # the last batch has 8
            metric.update(logits[part], targets[part])
    result = metric.compute()
    expected = precision_recall_fscore_support(targets, logits > 0, average="binary")[:3]
    assert all(abs(a - b) < 1e-12 for a, b in zip(result.values(), expected, strict=True))

    of_batches = []
    for part in torch.arange(1000).split(32):
        metric.reset()
        metric.update(logits[part], targets[part])
        of_batches.append(metric.compute()["f1"])
    mean = sum(of_batches) / len(of_batches)
    assert abs(mean - result["f1"]) > 0.02
    print(f"F1 {result['f1']:.3f}; the mean over batches would be {mean:.3f}")
