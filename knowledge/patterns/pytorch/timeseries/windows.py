# /// pattern
# id = "pt.timeseries.windows"
# topic = "timeseries.forecasting"
# twin = "tf.timeseries.windows"
# questions = [
#   "time series forecasting in pytorch without data leakage",
#   "sliding window dataset for a time series",
#   "split a time series into train and test before or after windowing",
#   "scale a time series with statistics of the training part only",
#   "lstm forecast next value of a series",
#   "my forecast is too good to be true",
#   "is my model better than predicting the last value",
#   "timeseries sliding windw torch",
# ]
# apis = ["torch.Tensor.unfold", "torch.nn.LSTM"]
# replaces = ["sklearn.model_selection.train_test_split", "sklearn.preprocessing.MinMaxScaler.fit_transform"]
# why = """Cut in time first, then make windows of each part: windows overlap, so a random split puts the targets of the
# test into windows of the training. Mean and deviation are of the training part. What counts is the error against that
# of a naive forecast, here the last value."""
# pitfalls = """A window of the test may reach back into the training part: those are inputs that are known by then.
# Report errors in the series' own unit, after undoing the scale."""
# when_not = "A few hundred points with a clear season: exponential smoothing or ARIMA is hard to beat."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the test is not of the future"
# ///
"""Forecast the next value of a series: split in time, scale by the past, and compare with a naive forecast."""

import math

import torch
from torch import nn


def windows(series: torch.Tensor, *, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Series (T,) to windows (T - length, length, 1) and the value that follows each (T - length, 1)."""
    pieces = series.unfold(0, length + 1, 1)  # (T - length, length + 1), a view
    return pieces[:, :-1, None], pieces[:, -1:]


class Forecaster(nn.Module):
    """Windows (N, T, 1) to the next value (N, 1), as a change of the last one."""

    def __init__(self, hidden: int = 24) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.lstm(x)  # (N, T, hidden)
        return x[:, -1] + self.head(outputs[:, -1])


if __name__ == "__main__":
    torch.manual_seed(0)
    time = torch.arange(1200)
    series = 50 + 10 * torch.sin(2 * math.pi * time / 24) + 0.005 * time + torch.randn(1200)  # a day and a trend
    length, cut = 24, 900
    mean, std = series[:cut].mean(), series[:cut].std()  # of the past alone
    scaled = (series - mean) / std
    train_x, train_y = windows(scaled[:cut], length=length)
    test_x, test_y = windows(scaled[cut - length :], length=length)  # the first window ends where the test begins
    assert len(test_y) == 300 and torch.equal(test_y[:, 0] * std + mean, scaled[cut:] * std + mean)
    assert train_x[5, :, 0].equal(scaled[5:29]) and train_y[5, 0] == scaled[29]

    model = Forecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(6):
        for rows in torch.randperm(len(train_x)).split(64):  # windows of the past, in any order
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(train_x[rows]), train_y[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]

    with torch.no_grad():
        error = ((model(test_x) - test_y).abs().mean() * std).item()
    naive = ((test_x[:, -1] - test_y).abs().mean() * std).item()
    print(f"mean absolute error on the future: {error:.2f}, of the last value: {naive:.2f}")
    assert error < 0.8 * naive
