# /// pattern
# id = "pt.timeseries.tcn"
# topic = "timeseries.convolution"
# twin = "tf.timeseries.tcn"
# questions = [
#   "causal convolution in pytorch, pad left only",
#   "temporal convolutional network with dilations",
#   "conv1d without looking into the future",
#   "receptive field of dilated convolutions",
#   "wavenet style dilated conv1d",
#   "padding='same' leaks the future in a time series",
#   "causl conv1d torch",
# ]
# apis = ["torch.nn.Conv1d", "torch.nn.functional.pad", "torch.autograd.grad"]
# replaces = ["keras padding='causal'", "torch.nn.Conv1d(padding='same')"]
# why = """(kernel - 1) * dilation zeros on the left and none on the right: output t depends on inputs up to t.
# Dilations 1, 2, 4, ... double the reach with each layer, so 3 blocks of two kernels of 3 see 29 steps; the gradient of
# one output shows it."""
# pitfalls = """padding='same' puts half of the zeros on the right, and each output sees the future. Conv1d wants (N, C,
# T); batch normalisation over time mixes steps in training."""
# when_not = "Dependences longer than the reach: a recurrent net or attention."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: output 10 sees input 11"
# ///
"""A temporal convolutional network: dilated causal convolutions, and their reach measured."""

import torch
from torch import nn
from torch.nn import functional as F


class CausalConv1d(nn.Conv1d):
    """(N, C, T) to (N, out, T); output t reads t, t - dilation, ..., t - (kernel - 1) * dilation."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        missing = (self.kernel_size[0] - 1) * self.dilation[0]
        return super().forward(F.pad(x, (missing, 0)))


class TCNBlock(nn.Module):
    """Two causal convolutions of one dilation, added to the input: (N, C, T) to (N, C, T)."""

    def __init__(self, channels: int, *, kernel: int, dilation: int) -> None:
        super().__init__()
        self.first = CausalConv1d(channels, channels, kernel, dilation=dilation)
        self.second = CausalConv1d(channels, channels, kernel, dilation=dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(F.gelu(self.first(F.gelu(x))))


class TCN(nn.Module):
    """(N, in, T) to (N, out, T), step by step from the past alone."""

    def __init__(self, in_dim: int, out_dim: int, *, channels: int = 16, kernel: int = 3, blocks: int = 3) -> None:
        super().__init__()
        self.enter = nn.Conv1d(in_dim, channels, 1)
        self.blocks = nn.Sequential(*(TCNBlock(channels, kernel=kernel, dilation=2**i) for i in range(blocks)))
        self.leave = nn.Conv1d(channels, out_dim, 1)
        self.reach = 1 + sum(2 * (kernel - 1) * 2**i for i in range(blocks))
        """How many inputs, the present one included, an output depends on."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.leave(self.blocks(self.enter(x)))


if __name__ == "__main__":
    torch.manual_seed(0)
    layer = CausalConv1d(1, 1, 3, dilation=2, bias=False)
    series = torch.randn(1, 1, 12)
    by_hand = [
        sum(layer.weight[0, 0, k] * series[0, 0, t - (2 - k) * 2] for k in range(3) if t >= (2 - k) * 2)
        for t in range(12)
    ]
    torch.testing.assert_close(layer(series)[0, 0], torch.stack(by_hand))

    model = TCN(2, 1)
    x = torch.randn(1, 2, 64, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(x)[0, 0, 40], x)
    seen = gradient.abs().sum(dim=(0, 1)).nonzero()[:, 0]  # which inputs output 40 depends on
    assert seen.max() == 40 and seen.min() == 40 - model.reach + 1 and model.reach == 29

    torch.testing.assert_close(model(x[..., :50]), model(x)[..., :50])  # what comes later changes nothing
    print(f"reach {model.reach} steps, {sum(p.numel() for p in model.parameters()):,} parameters")
