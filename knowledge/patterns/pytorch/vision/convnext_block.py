# /// pattern
# id = "pt.vision.convnext-block"
# topic = "vision.blocks"
# twin = "tf.vision.convnext-block"
# questions = [
#   "convnext block pytorch",
#   "LayerNorm for images NCHW",
#   "Given normalized_shape expected input with shape",
#   "layer norm over channels of a convolution output",
#   "channels last layer norm without permute",
#   "layer scale and depthwise 7x7 convolution",
#   "layernorm2d torch",
#   "conv next blok from scratch",
# ]
# errors = ["""RuntimeError: Given normalized_shape=[32], expected input with shape [*, 32], but got input of size\
# [2, 32, 14, 14]"""]
# apis = ["torch.nn.LayerNorm", "torch.nn.Conv2d", "torch.Tensor.permute", "torch.nn.Parameter"]
# replaces = ["torchvision.models.convnext.CNBlock", "LayerNorm2d", "nn.GroupNorm(1, C)"]
# why = """nn.LayerNorm normalises the last dimensions, images have their channels second: with the channels moved to
# the end it and two linear layers work on each place by itself, as in a transformer. Place is mixed by the depthwise
# 7x7 convolution alone. A learnt factor that starts near 0 lets every block begin as the identity."""
# pitfalls = "GroupNorm(1, C) is another thing: it takes mean and variance over all places as well."
# when_not = "Small images: a 7x7 kernel sees the whole of an 8x8 picture."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Given normalized_shape=[32], expected input with shape [*, 32]"
# ///
"""A ConvNeXt block (Liu et al., arXiv 2201.03545), with its layer norm over the channels of each place."""

import torch
from torch import nn


class ConvNeXtBlock(nn.Module):
    """(N, C, H, W) to the same shape."""

    def __init__(self, channels: int, *, expansion: int = 4, initial_scale: float = 1e-6) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.mix = nn.Sequential(
            nn.Linear(channels, expansion * channels), nn.GELU(), nn.Linear(expansion * channels, channels)
        )
        self.scale = nn.Parameter(torch.full((channels,), initial_scale))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.depthwise(x).permute(0, 2, 3, 1)  # (N, H, W, C)
        y = self.scale * self.mix(self.norm(y))
        return x + y.permute(0, 3, 1, 2)


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(2, 32, 14, 14)
    torch.testing.assert_close(ConvNeXtBlock(32)(x), x, rtol=0, atol=1e-4)  # it begins as the identity

    block = ConvNeXtBlock(32, initial_scale=1.0)
    features = block.depthwise(x)
    normed = block.norm(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    mean, variance = features.mean(dim=1, keepdim=True), features.var(dim=1, keepdim=True, correction=0)
    torch.testing.assert_close(normed, (features - mean) / (variance + 1e-6).sqrt(), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(normed, nn.functional.group_norm(features, 1), atol=0.05)

    image = torch.randn(1, 32, 14, 14, requires_grad=True)
    (gradient,) = torch.autograd.grad(block(image)[0, :, 7, 7].sum(), image)
    rows = gradient.abs().sum(dim=(0, 1, 3)).nonzero().squeeze(1)
    assert rows.tolist() == list(range(4, 11))  # seven of them
    count = sum(parameter.numel() for parameter in block.parameters())
    assert count == 32 * 49 + 32 + 2 * 32 + (32 * 128 + 128) + (128 * 32 + 32) + 32
    print(f"{count:,} parameters, of which {32 * 49 + 32:,} look at neighbours")
