# /// pattern
# id = "pt.loss.binary"
# topic = "loss.classification"
# questions = [
#   "binary classification loss pytorch",
#   "BCELoss or BCEWithLogitsLoss",
#   "sigmoid and BCEWithLogitsLoss together",
#   "multi label classification torch",
#   "positive class is rare, pos_weight",
#   "all elements of input should be between 0 and 1",
#   "binary clasification sigmoid pytroch",
# ]
# errors = ["all elements of input should be between 0 and 1",
#   "Target size (torch.Size([32])) must be the same as input size (torch.Size([32, 1]))",
#   "result type Float can't be cast to the desired output type Long"]
# apis = ["torch.nn.BCEWithLogitsLoss", "torch.sigmoid"]
# why = """BCEWithLogitsLoss joins sigmoid and logarithm in one stable formula: for a logit of -200 a separate sigmoid
# is 0, its logarithm is cut off at -100 and the gradient is lost."""
# pitfalls = "Targets are float and of the logits' shape, (N, 1) or (N, K)."
# when_not = "Exactly one of several classes holds: CrossEntropyLoss."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: all elements of input should be between 0 and 1"
# ///
"""Binary and multi-label classification from logits."""

import torch
from torch import nn


def binary_criterion(targets: torch.Tensor) -> nn.BCEWithLogitsLoss:
    """The loss for 0/1 training targets (N, K), each column's positives weighted up to the weight of its negatives."""
    positives = targets.sum(dim=0)  # (K,)
    return nn.BCEWithLogitsLoss(pos_weight=(len(targets) - positives) / positives.clamp(min=1))


if __name__ == "__main__":
    torch.manual_seed(0)
    features = torch.randn(256, 4)
    targets = (features[:, :1] > 1).float()  # (256, 1), about one positive in six
    criterion = binary_criterion(targets)
    model = nn.Linear(4, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = criterion(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses

    logit = torch.tensor([-200.0], requires_grad=True)
    nn.functional.binary_cross_entropy_with_logits(logit, torch.ones(1)).backward()
    assert logit.grad == -1  # a certain mistake still has a gradient
    separate = torch.tensor([-200.0], requires_grad=True)
    nn.functional.binary_cross_entropy(separate.sigmoid(), torch.ones(1)).backward()
    assert separate.grad == 0  # which a separate sigmoid loses
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
