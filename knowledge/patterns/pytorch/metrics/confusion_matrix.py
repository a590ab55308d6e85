# /// pattern
# id = "pt.metrics.confusion-matrix"
# topic = "metrics.classification"
# twin = "tf.metrics.confusion-matrix"
# questions = [
#   "confusion matrix in pytorch without sklearn",
#   "precision recall f1 per class torch",
#   "macro or micro or weighted f1",
#   "balanced accuracy from predictions",
#   "mean iou segmentation confusion matrix torch",
#   "confussion matrix bincount",
# ]
# apis = ["torch.bincount", "torch.Tensor.diagonal"]
# replaces = ["torchmetrics.ConfusionMatrix", "sklearn.metrics.classification_report"]
# why = """Truth times K plus prediction is a number for each cell, and bincount counts them: one pass on the device,
# and the matrices of batches add up. Accuracy, precision, recall, F1 and IoU of each class are sums of its rows and
# columns."""
# pitfalls = """Without minlength a missing last class makes the matrix smaller. cm[truth, predicted] += 1 counts
# repeated pairs once. With one label per sample micro-F1 is just the accuracy."""
# when_not = "Hundreds of classes: the table is unreadable; list the pairs that are confused most."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: of 6 samples"
# ///
"""A confusion matrix, and the scores of each class that follow from it."""

import torch


def confusion_matrix(truth: torch.Tensor, predicted: torch.Tensor, *, num_classes: int) -> torch.Tensor:
    """Class numbers of any equal shapes to counts (K, K): rows are the truth, columns the prediction."""
    cell = truth.flatten() * num_classes + predicted.flatten()
    return torch.bincount(cell, minlength=num_classes**2).view(num_classes, num_classes)


def scores(matrix: torch.Tensor) -> dict[str, torch.Tensor]:
    """Of each class (K,), 0 where it is undefined: "precision", "recall", "f1" and "iou"."""
    hits = matrix.diagonal().double()
    true, predicted = matrix.sum(dim=1), matrix.sum(dim=0)
    return {
        "precision": hits / predicted.clamp(min=1),
        "recall": hits / true.clamp(min=1),
        "f1": 2 * hits / (true + predicted).clamp(min=1),
        "iou": hits / (true + predicted - hits).clamp(min=1),
    }


if __name__ == "__main__":
    from sklearn import metrics

    torch.manual_seed(0)
    truth, noise = torch.randint(0, 3, (200,)), torch.randint(0, 3, (200,))
    predicted = torch.where(torch.rand(200) < 0.6, truth, noise)

    matrix = torch.zeros(4, 4, dtype=torch.int64)  # class 3 never occurs
    for part in torch.arange(200).split(64):
        matrix += confusion_matrix(truth[part], predicted[part], num_classes=4)
    labels = range(4)
    assert matrix.tolist() == metrics.confusion_matrix(truth, predicted, labels=labels).tolist()

    result = scores(matrix)
    expected = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        torch.testing.assert_close(result[name], torch.tensor(values))
    torch.testing.assert_close(result["iou"][:3], torch.tensor(metrics.jaccard_score(truth, predicted, average=None)))

    present = matrix.sum(dim=1) > 0
    balanced = result["recall"][present].mean().item()
    assert abs(balanced - metrics.balanced_accuracy_score(truth, predicted)) < 1e-12
    print(matrix, f"macro F1 {result['f1'][present].mean():.3f}")
