# /// pattern
# id = "pt.vision.depthwise-separable"
# topic = "vision.blocks"
# twin = "tf.vision.depthwise-separable"
# questions = [
#   "depthwise separable convolution pytorch",
#   "groups argument of conv2d",
#   "mobilenet block from scratch",
#   "fewer parameters in a convolution",
#   "SeparableConv2d in torch",
#   "squeeze and excitation block pytorch",
#   "depthwise seperable conv torch",
#   "out_channels must be divisible by groups",
# ]
# errors = ["ValueError: out_channels must be divisible by groups",
#   "ValueError: in_channels must be divisible by groups"]
# apis = ["torch.nn.Conv2d", "torch.nn.AdaptiveAvgPool2d"]
# replaces = ["SeparableConv2d", "timm.layers.SqueezeExcite", "torchvision.ops.SqueezeExcitation"]
# why = """groups=channels gives each channel a filter of its own; a 1x1 convolution then mixes the channels. Together
# they are the full convolutions whose kernels are products of the two, and need about one k²-th of the weights. Squeeze
# and excitation adds what both lack: each channel is scaled by what the whole image shows."""
# pitfalls = """Few operations are not little time: depthwise layers are bound by memory. No activation between
# depthwise and pointwise in the original block of Xception, one in MobileNet's."""
# when_not = "Few channels: the full convolution is small already, and faster."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: out_channels must be divisible by groups"
# ///
"""A depthwise separable convolution, and squeeze-and-excitation (arXiv 1709.01507) behind it."""

import torch
from torch import nn


class DepthwiseSeparable(nn.Module):
    """(N, C_in, H, W) to (N, C_out, H, W): a filter for each channel, then a mixture of the channels."""

    def __init__(self, in_channels: int, out_channels: int, *, kernel_size: int = 3) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, padding=kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.pointwise(self.depthwise(x))


class SqueezeExcite(nn.Module):
    """Scale each channel of (N, C, H, W) by a factor from 0 to 1 that follows from the means of all channels."""

    def __init__(self, channels: int, *, reduction: int = 4) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),  # (N, C, 1, 1)
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(2, 32, 10, 10)
    block = DepthwiseSeparable(32, 64)

    # A full convolution with product kernels: (64, 32, 1, 1) times (1, 32, 3, 3).
    kernel = block.pointwise.weight * block.depthwise.weight.transpose(0, 1)
    full = nn.functional.conv2d(x, kernel, block.pointwise.bias, padding=1)
    torch.testing.assert_close(block(x), full, rtol=1e-4, atol=1e-5)
    count = sum(parameter.numel() for parameter in block.parameters())
    assert count == 32 * 9 + 32 * 64 + 64 and kernel.numel() == 32 * 64 * 9

    (gradient,) = torch.autograd.grad(block.depthwise(y := x.clone().requires_grad_())[0, 5, 4, 4], y)
    assert gradient.flatten(2).any(dim=2).nonzero().tolist() == [[0, 5]]  # one channel sees itself alone

    excite = SqueezeExcite(64)
    features = block(x)
    factors = excite(features) / features  # one for each channel of each image, whatever the place
    spread = factors.amax(dim=(2, 3)) - factors.amin(dim=(2, 3))
    assert spread.max() < 1e-3 and factors.min() > 0 and factors.max() < 1
    print(f"{count:,} parameters instead of {kernel.numel() + 64:,}")
