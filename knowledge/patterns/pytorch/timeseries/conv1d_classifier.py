# /// pattern
# id = "pt.timeseries.conv1d-classifier"
# topic = "timeseries.classification"
# twin = "tf.timeseries.conv1d-classifier"
# questions = [
#   "1d cnn for time series classification in pytorch",
#   "classify sensor signals or raw audio with Conv1d",
#   "ECG classification conv1d",
#   "expected input to have 3 channels but got 100 channels conv1d",
#   "Conv1d input shape batch channels length",
#   "raw waveform classifier torch",
#   "signals of different length in one conv net",
#   "1d convolutoin time series clasification",
# ]
# errors = ["to have 3 channels, but got 100 channels instead"]
# apis = ["torch.nn.Conv1d", "torch.nn.BatchNorm1d", "torch.nn.AdaptiveAvgPool1d", "torch.Tensor.transpose"]
# replaces = ["tsai", "torch.nn.Conv2d on spectrograms"]
# why = """A pattern may stand anywhere in the signal: convolutions find it at every place, strides make the reach grow,
# and a mean over time at the end makes the answer free of the length."""
# pitfalls = """Conv1d wants (N, channels, T); tables of sensors come as (N, T, channels): transpose, do not reshape.
# Split by person or device, not by window: windows of one recording are near copies."""
# when_not = "Differences in pitch of long sounds: a log-mel spectrogram first. Order over long times: a recurrent net."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises RuntimeError: to have 3 channels, but got 100 channels instead"
# ///
"""A convolutional classifier of signals with several channels, for any length."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def stage(in_channels: int, out_channels: int) -> nn.Sequential:
    """(N, in, T) to (N, out, T / 2)."""
    return nn.Sequential(
        nn.Conv1d(in_channels, out_channels, 9, stride=2, padding=4, bias=False),
        nn.BatchNorm1d(out_channels),
        nn.ReLU(),
    )


class SignalClassifier(nn.Module):
    """Signals (N, T, channels) to logits (N, num_classes); T from some 16 up."""

    def __init__(self, channels: int, num_classes: int, *, width: int = 16) -> None:
        super().__init__()
        self.features = nn.Sequential(stage(channels, width), stage(width, 2 * width), stage(2 * width, 2 * width))
        self.head = nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2 * width, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x.transpose(1, 2)))  # (N, channels, T) inside


def signals(count: int, *, length: int = 100) -> tuple[torch.Tensor, torch.Tensor]:
    """(count, length, 3) of noise, with a burst somewhere: slow (0), fast (1) or slow upside down (2)."""
    labels = torch.randint(3, (count,))
    time = torch.arange(length) - torch.randint(20, length - 20, (count, 1))  # from the middle of the burst
    period = torch.where(labels == 1, 5, 10)[:, None]
    burst = torch.cos(2 * math.pi * time / period) * torch.exp(-((time / 8) ** 2))
    burst = burst * torch.where(labels == 2, -1, 1)[:, None]
    return 2 * burst[..., None] + 0.5 * torch.randn(count, length, 3), labels


if __name__ == "__main__":
    torch.manual_seed(0)
    x, labels = signals(700)
    model = SignalClassifier(3, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(6):
        for rows in torch.randperm(500).split(50):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]

    model.eval()
    with torch.no_grad():
        right = (model(x[500:]).argmax(dim=1) == labels[500:]).float().mean().item()
        longer, its_labels = signals(200, length=140)  # a length that was never seen
        right_longer = (model(longer).argmax(dim=1) == its_labels).float().mean().item()
    print(f"{right:.0%} of new signals right, {right_longer:.0%} of longer ones")
    assert right > 0.85 and right_longer > 0.75
