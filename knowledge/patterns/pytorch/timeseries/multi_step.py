# /// pattern
# id = "pt.timeseries.multi-step"
# topic = "timeseries.forecasting"
# questions = [
#   "multi step time series forecast in pytorch",
#   "predict the next 24 values at once",
#   "recursive or direct multi-step forecasting",
#   "feed predictions back in, errors grow",
#   "forecast horizon with a backtest over several origins",
#   "error for each step of the horizon",
#   "multistep forcast torch",
# ]
# apis = ["torch.Tensor.unfold", "torch.nn.Linear", "torch.nn.functional.l1_loss"]
# replaces = ["darts", "pytorch_forecasting.TemporalFusionTransformer"]
# why = """Direct: one output for each step ahead, all trained on what is known at the origin. Recursive: one step, fed
# back in, so it reads its own errors. The error grows with the distance: give it for each step, from many origins of
# the future, beside that of the same hour a day before."""
# pitfalls = """A test of one origin says little. Never let a window's targets reach past the cut between training and
# test. Train the recursive model on one step and it is not made for its own errors."""
# when_not = "Intervals are wanted, not values: quantile regression for each step."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the targets of the training reach"
# ///
"""Forecast a whole day at once, and measure the error of each hour over many origins."""

import math

import torch
from torch import nn


def examples(series: torch.Tensor, *, length: int, horizon: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Series (T,) to inputs (N, length) and what follows each (N, horizon), all inside of this series."""
    pieces = series.unfold(0, length + horizon, 1)  # (N, length + horizon)
    return pieces[:, :length], pieces[:, length:]


class DirectForecaster(nn.Module):
    """Inputs (N, length) to (N, horizon), as changes of the last value."""

    def __init__(self, length: int, horizon: int, *, hidden: int = 64) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(length, hidden), nn.ReLU(), nn.Linear(hidden, horizon))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        last = x[:, -1:]
        return last + self.network(x - last)


if __name__ == "__main__":
    torch.manual_seed(0)
    time = torch.arange(1500)
    rest = 0.03 * torch.randn(1500).cumsum(dim=0) + 0.2 * torch.randn(1500)  # a drift and noise
    series = torch.sin(2 * math.pi * time / 24) + 0.5 * torch.sin(2 * math.pi * time / 168) + rest
    series = (series - series[:1100].mean()) / series[:1100].std()
    length, horizon, cut = 48, 24, 1100
    train_x, train_y = examples(series[:cut], length=length, horizon=horizon)
    test_x, test_y = examples(series[cut - length :], length=length, horizon=horizon)
    assert train_y[-1].equal(series[cut - horizon : cut]) and test_y[0].equal(series[cut : cut + horizon])
    assert len(test_x) == 400 - horizon + 1  # an origin for each hour of the future

    model = DirectForecaster(length, horizon)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(20):
        for rows in torch.randperm(len(train_x)).split(64):
            optimizer.zero_grad()
            loss = nn.functional.l1_loss(model(train_x[rows]), train_y[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]

    with torch.no_grad():
        error = (model(test_x) - test_y).abs().mean(dim=0)  # (horizon,), over all origins
    day_before = (test_x[:, -horizon:] - test_y).abs().mean(dim=0)  # naive: as yesterday at this hour
    last_value = (test_x[:, -1:] - test_y).abs().mean(dim=0)
    for name, row in (("direct", error), ("as yesterday", day_before), ("last value", last_value)):
        print(f"{name:>13}: hour 1 {row[0]:.2f}, hour 12 {row[11]:.2f}, hour 24 {row[23]:.2f}")
    assert error.mean() < 0.85 * day_before.mean() and error.mean() < 0.6 * last_value.mean()
    assert error[:6].mean() < error[-6:].mean()  # the further, the harder
