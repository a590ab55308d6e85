# /// pattern
# id = "pt.loss.masked-mean"
# topic = "loss.masking"
# twin = "tf.loss.masked-mean"
# questions = [
#   "masked mse loss pytorch",
#   "missing targets, compute the loss only where there is a value",
#   "loss with nan in the targets",
#   "multi-task labels with missing values torch",
#   "divide the loss by the number of valid elements",
#   "loss gets smaller when there is more padding",
#   "maskd loss nan target pytroch",
# ]
# apis = ["torch.isnan", "torch.where", "torch.Tensor.masked_fill", "torch.nn.functional.mse_loss"]
# replaces = ["torch.nanmean"]
# why = """A mean over all positions counts the empty ones as solved: half the targets missing, half the loss and half
# the gradient. The sum over the valid ones is divided by their number."""
# pitfalls = """NaN times 0 is NaN, in the gradient too: replace the missing targets before the subtraction. With
# gradient accumulation or several devices divide by the count of the whole batch, not of each part."""
# when_not = "Most targets of a column are missing: leave the column out, or say so beside the score."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient is NaN"
# ///
"""Regression on targets of which some are missing."""

import torch
from torch import nn
from torch.nn import functional as F


def masked_mse(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean squared error over the targets that are not NaN; both of the same shape; 0 where all are missing."""
    valid = ~targets.isnan()
    targets = torch.where(valid, targets, predictions.detach())  # no error, and no NaN, where there is no target
    return F.mse_loss(predictions, targets, reduction="sum") / valid.sum().clamp(min=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    features = torch.randn(64, 3)
    truth = features @ torch.tensor([[1.0, 0.0], [0.0, -2.0], [0.5, 1.0]])  # (64, 2)
    targets = truth.masked_fill(torch.rand(64, 2) < 0.5, torch.nan)

    model = nn.Linear(3, 2)
    predictions = model(features)
    loss = masked_mse(predictions, targets)
    present = [(p - t) ** 2 for p, t in zip(predictions.flatten(), targets.flatten(), strict=True) if t == t]
    torch.testing.assert_close(loss, torch.stack(present).mean())

    (gradient,) = torch.autograd.grad(loss, predictions)
    assert gradient.isfinite().all() and gradient[targets.isnan()].eq(0).all()
    assert masked_mse(predictions, torch.full((64, 2), torch.nan)) == 0

    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        masked_mse(model(features), targets).backward()
        optimizer.step()
    assert F.mse_loss(model(features), truth) < 1e-3  # right where no target was shown, too
    print(f"{int(targets.isnan().sum())} of {targets.numel()} targets were missing")
