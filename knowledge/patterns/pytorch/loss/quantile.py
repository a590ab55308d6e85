# /// pattern
# id = "pt.loss.quantile"
# topic = "loss.regression"
# twin = "tf.loss.quantile"
# questions = [
#   "predict a lower and an upper bound, 10% and 90%",
#   "quantile loss pytorch",
#   "pinball loss for prediction intervals",
#   "predict an uncertainty interval for regression",
#   "median regression",
#   "quantile crossing",
#   "quantil regresion torch",
# ]
# apis = ["torch.maximum", "torch.Tensor.new_tensor", "torch.nn.functional.softplus"]
# replaces = ["pytorch_forecasting.metrics.QuantileLoss"]
# why = """Pinball loss charges q for each unit too low and 1 - q for each unit too high, so the best constant is the
# q-quantile. Three outputs for 0.1, 0.5 and 0.9 are an interval that should hold 80% of the targets: measure it."""
# pitfalls = """The sign decides which end is learnt: the error is target minus prediction. Outputs of their own may
# cross; a median plus positive steps cannot."""
# when_not = "Noise that is known to be normal: predict mean and variance with GaussianNLLLoss."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the wrong end was learnt"
# ///
"""Quantile regression with pinball loss, and quantiles that cannot cross."""

import torch
from torch import nn
from torch.nn import functional as F


def pinball_loss(predictions: torch.Tensor, targets: torch.Tensor, *, quantiles: list[float]) -> torch.Tensor:
    """Predictions (N, Q), one for each quantile, and targets (N, 1); mean over both."""
    q = predictions.new_tensor(quantiles)  # (Q,)
    error = targets - predictions  # (N, Q)
    return torch.maximum(q * error, (q - 1) * error).mean()


class QuantileHead(nn.Module):
    """Features (N, D) to three rising quantiles (N, 3): the median, and positive steps down and up."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        median, down, up = self.linear(x).split(1, dim=1)  # (N, 1) each
        return torch.cat([median - F.softplus(down), median, median + F.softplus(up)], dim=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    quantiles = [0.1, 0.5, 0.9]
    assert abs(pinball_loss(torch.zeros(1, 1), torch.ones(1, 1), quantiles=[0.9]).item() - 0.9) < 1e-6  # too low
    assert abs(pinball_loss(torch.ones(1, 1), torch.zeros(1, 1), quantiles=[0.9]).item() - 0.1) < 1e-6  # too high

    x = torch.rand(2000, 1)
    y = 3 * x + 0.5 * torch.randn(2000, 1).exp()  # noise that is not symmetric
    model = QuantileHead(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = pinball_loss(model(x), y, quantiles=quantiles)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]

    predicted = model(x)
    below = (y < predicted).float().mean(dim=0)  # (3,)
    torch.testing.assert_close(below, torch.tensor(quantiles), atol=0.03, rtol=0)
    assert (predicted.diff(dim=1) > 0).all()
    print("share of the targets below:", [round(share, 3) for share in below.tolist()])
