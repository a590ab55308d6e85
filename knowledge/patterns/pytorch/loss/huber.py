# /// pattern
# id = "pt.loss.huber"
# topic = "loss.regression"
# twin = "tf.loss.huber"
# questions = [
#   "huber loss or smooth l1 pytorch",
#   "regression with outliers",
#   "mse is dominated by a few bad targets",
#   "difference between HuberLoss and SmoothL1Loss",
#   "how to choose delta for huber loss",
#   "robust regresion loss torch",
# ]
# apis = ["torch.nn.HuberLoss", "torch.nn.SmoothL1Loss", "torch.nn.MSELoss"]
# replaces = ["torch.nn.functional.smooth_l1_loss"]
# why = """Up to delta the loss is quadratic, beyond it grows in a line: the gradient of an outlier is at most delta,
# where MSE lets it pull with its whole distance. The demo measures the error of the slope for both, with 5% of wild
# targets."""
# pitfalls = """delta has the unit of the target: choose it near the usual error, after scaling the targets.
# SmoothL1Loss is Huber divided by delta, so changing its beta also changes the step."""
# when_not = "Large targets are true and matter, as in forecasts of peaks: MSE, or a quantile."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: a few outliers bent the line"
# ///
"""Regression that a few wild targets cannot bend."""

import torch
from torch import nn


def fit_line(x: torch.Tensor, y: torch.Tensor, criterion: nn.Module, *, steps: int = 200) -> float:
    """The slope of the line through x (N, 1) and y (N, 1) that the criterion likes best."""
    model = nn.Linear(1, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
    return model.weight.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.linspace(0, 1, 200)[:, None]
    y = 2 * x + 0.1 * torch.randn(200, 1)
    y[190:] -= 20  # one in twenty, all at one end

    errors = torch.tensor([0.5, 3.0], requires_grad=True)
    loss = nn.HuberLoss(delta=1.0, reduction="none")(errors, torch.zeros(2))
    torch.testing.assert_close(loss, torch.tensor([0.5 * 0.5**2, 1.0 * (3.0 - 0.5)]))
    loss.sum().backward()
    assert errors.grad.tolist() == [0.5, 1.0]  # the gradient ends at delta
    truth = torch.zeros(2)
    smooth = nn.SmoothL1Loss(beta=0.2)(errors, truth)
    torch.testing.assert_close(smooth, nn.HuberLoss(delta=0.2)(errors, truth) / 0.2)

    squared = fit_line(x, y, nn.MSELoss())
    robust = fit_line(x, y, nn.HuberLoss(delta=0.1))
    assert abs(robust - 2) < 0.3 and abs(squared - 2) > 10 * abs(robust - 2)
    print(f"slope 2: {squared:.2f} with MSE, {robust:.2f} with Huber")
