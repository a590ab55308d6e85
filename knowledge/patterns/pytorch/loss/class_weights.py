# /// pattern
# id = "pt.loss.class-weights"
# topic = "loss.imbalance"
# twin = "tf.loss.class-weights"
# questions = [
#   "imbalanced classes pytorch",
#   "class weights in CrossEntropyLoss",
#   "model always predicts the majority class",
#   "weighted loss for rare classes torch",
#   "compute class weights from labels",
#   "inbalanced dataset weighting",
# ]
# errors = ["weight tensor should be defined either for all 3 classes or no classes"]
# apis = ["torch.nn.CrossEntropyLoss", "torch.bincount"]
# why = """Weighted by the inverse of its frequency, every class has the same say in the loss; otherwise the model that
# never predicts the rare one is a comfortable minimum. The demo measures the recall of the rare class."""
# pitfalls = "Count the training labels only, and leave the evaluation loss unweighted to compare runs."
# when_not = "The true frequencies matter, as for calibrated probabilities: move the decision threshold instead."
# checks = ["runs", "no_deprecation_warning", "trains"]
# ///
"""Cross entropy in which rare classes count as much as common ones."""

import torch
from torch import nn


def class_weights(labels: torch.Tensor, *, num_classes: int) -> torch.Tensor:
    """Weights (K,) inversely proportional to the counts of labels (N,); their mean over the samples is 1."""
    counts = torch.bincount(labels, minlength=num_classes).clamp(min=1)
    return len(labels) / (num_classes * counts)


if __name__ == "__main__":
    torch.manual_seed(0)
    labels = (torch.arange(400) < 20).long()  # one in twenty
    features = torch.randn(400, 2) + 1.5 * labels.unsqueeze(1)

    def recall_of_the_rare_class(criterion: nn.Module) -> float:
        model = nn.Linear(2, 2)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        for _ in range(60):
            optimizer.zero_grad()
            criterion(model(features), labels).backward()
            optimizer.step()
        return (model(features).argmax(dim=1)[labels == 1] == 1).float().mean().item()

    weights = class_weights(labels, num_classes=2)
    assert abs(weights[labels].mean() - 1) < 1e-5
    plain, weighted = (
        recall_of_the_rare_class(nn.CrossEntropyLoss()),
        recall_of_the_rare_class(nn.CrossEntropyLoss(weight=weights)),
    )
    assert weighted > plain + 0.2
    print(f"recall of the rare class: {plain:.2f} without weights, {weighted:.2f} with them")
