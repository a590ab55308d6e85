# /// pattern
# id = "pt.loss.gaussian-nll"
# topic = "loss.regression"
# twin = "tf.loss.gaussian-nll"
# questions = [
#   "predict mean and variance with a neural network pytorch",
#   "GaussianNLLLoss example",
#   "heteroscedastic regression uncertainty torch",
#   "negative variance in the output, softplus or exp",
#   "loss is negative, is that wrong",
#   "gausian negative log likelihood loss",
# ]
# errors = ["ValueError: var has negative entry/entries"]
# apis = ["torch.nn.GaussianNLLLoss", "torch.nn.functional.softplus", "torch.distributions.Normal"]
# replaces = ["tfp.layers.DistributionLambda"]
# why = """With the variance as a second output the likelihood weighs each error by how sure the model claims to be,
# and charges for claiming little. Noise that grows with x is then seen as such: the demo compares the learnt deviation
# with the true one at both ends."""
# pitfalls = """The variance must stay positive: softplus, or exp of a log variance. A density may exceed 1, so the
# loss may be negative. MSE for the mean first, when the variance runs off early in training."""
# when_not = "Noise that is skewed or has outliers: quantiles."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: var has negative entry/entries"
# ///
"""Regression that predicts its own uncertainty."""

import torch
from torch import nn
from torch.nn import functional as F


class MeanAndVariance(nn.Module):
    """(N, D) to mean and variance, (N, 1) each."""

    def __init__(self, features: int, hidden: int = 32) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(features, hidden), nn.Tanh())
        self.head = nn.Linear(hidden, 2)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, raw = self.head(self.body(x)).split(1, dim=1)
        return mean, F.softplus(raw) + 1e-6


if __name__ == "__main__":
    torch.manual_seed(0)
    criterion = nn.GaussianNLLLoss(full=True)
    mean, variance, y = torch.tensor([1.0]), torch.tensor([0.25]), torch.tensor([1.5])
    exact = -torch.distributions.Normal(mean, variance.sqrt()).log_prob(y)
    torch.testing.assert_close(criterion(mean, y, variance), exact[0])
    assert criterion(mean, mean, torch.tensor([0.01])) < 0  # a density of 4: its logarithm is positive

    x = torch.rand(1000, 1)
    deviation = 0.1 + x  # noise that grows with x
    y = 2 * x + deviation * torch.randn(1000, 1)
    model = MeanAndVariance(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(300):
        optimizer.zero_grad()
        mean, variance = model(x)
        criterion(mean, y, variance).backward()
        optimizer.step()

    mean, variance = model(torch.tensor([[0.1], [0.9]]))
    torch.testing.assert_close(mean, torch.tensor([[0.2], [1.8]]), atol=0.25, rtol=0)
    torch.testing.assert_close(variance.sqrt(), torch.tensor([[0.2], [1.0]]), atol=0.15, rtol=0)
    mean, variance = model(x)
    within = ((y - mean).abs() < variance.sqrt()).float().mean().item()
    assert abs(within - 0.683) < 0.05  # of normal noise 68% lies within one deviation
    print(f"{within:.1%} of the targets lie within one predicted deviation")
