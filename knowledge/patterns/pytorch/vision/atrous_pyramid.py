# /// pattern
# id = "pt.vision.atrous-pyramid"
# topic = "vision.segmentation"
# twin = "tf.vision.atrous-pyramid"
# questions = [
#   "deeplab aspp module pytorch",
#   "atrous spatial pyramid pooling from scratch",
#   "dilated convolution receptive field torch",
#   "Expected more than 1 value per channel when training",
#   "batchnorm error with batch size 1 in aspp image pooling",
#   "deeplabv3 head without torchvision",
#   "larger receptive field without downsampling",
#   "dilatation in conv2d padding same size",
# ]
# errors = ["Expected more than 1 value per channel when training, got input size torch.Size([1, 16, 1, 1])"]
# apis = ["torch.nn.Conv2d", "torch.nn.GroupNorm", "torch.nn.functional.interpolate", "torch.cat"]
# replaces = ["torchvision.models.segmentation.deeplabv3.ASPP", "segmentation_models_pytorch.DeepLabV3"]
# why = """A convolution with dilation d looks at places d apart: a wider view for the same weights and the same
# resolution. Several rates side by side, and the mean of the whole image, see objects of all sizes. padding=dilation
# keeps the size for kernels of 3."""
# pitfalls = """The image-wide branch has one value for each channel and image: BatchNorm raises there for a batch of
# one image, and is noise for two. GroupNorm does not care. Rates that exceed the map leave only the middle tap."""
# when_not = "High resolution at the borders matters most: a U-Net."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Expected more than 1 value per channel when training"
# ///
"""Atrous spatial pyramid pooling, the head of DeepLab (Chen et al., arXiv 1706.05587)."""

import torch
from torch import nn
from torch.nn import functional as F


def normed(convolution: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(convolution, nn.GroupNorm(4, convolution.out_channels), nn.ReLU())


class AtrousPyramid(nn.Module):
    """(N, C_in, H, W) to (N, C_out, H, W): views of several widths of the same map, and of the whole image."""

    def __init__(self, in_channels: int, out_channels: int, *, rates: tuple[int, ...] = (2, 4, 6)) -> None:
        super().__init__()
        self.views = nn.ModuleList([normed(nn.Conv2d(in_channels, out_channels, 1, bias=False))])
        for rate in rates:
            dilated = nn.Conv2d(in_channels, out_channels, 3, dilation=rate, padding=rate, bias=False)
            self.views.append(normed(dilated))
        self.image = nn.Sequential(nn.AdaptiveAvgPool2d(1), normed(nn.Conv2d(in_channels, out_channels, 1, bias=False)))
        self.project = normed(nn.Conv2d((2 + len(rates)) * out_channels, out_channels, 1, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        whole = self.image(x).expand(-1, -1, *x.shape[-2:])  # (N, C_out, 1, 1) to each place
        return self.project(torch.cat([*(view(x) for view in self.views), whole], dim=1))


class SegmentationHead(nn.Module):
    """Features (N, C, h, w) of a backbone to logits (N, K, *size)."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        super().__init__()
        self.pyramid = AtrousPyramid(in_channels, 16)
        self.classify = nn.Conv2d(16, num_classes, 1)

    def forward(self, features: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
        return F.interpolate(self.classify(self.pyramid(features)), size=size, mode="bilinear")


if __name__ == "__main__":
    torch.manual_seed(0)
    head = SegmentationHead(in_channels=8, num_classes=3).train()
    features = torch.randn(1, 8, 17, 17, requires_grad=True)  # one image: no BatchNorm, no error
    assert head(features, (68, 68)).shape == (1, 3, 68, 68)

    for view, rate in zip(head.pyramid.views[1:], (2, 4, 6), strict=True):
        convolution = view[0]
        (gradient,) = torch.autograd.grad(convolution(features)[0, :, 8, 8].sum(), features)
        seen = gradient.abs().sum(dim=(0, 1)).nonzero()
        assert seen.tolist() == [[8 + rate * i, 8 + rate * j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert convolution.weight.shape == (16, 8, 3, 3)  # the same weights for every rate

    (gradient,) = torch.autograd.grad(head.pyramid.image[:1](features).sum(), features)
    torch.testing.assert_close(gradient, torch.full_like(gradient, 1 / 17**2))  # every place counts alike
    print("each view looks at 9 places, 2, 4 and 6 apart, and one at all 289")
