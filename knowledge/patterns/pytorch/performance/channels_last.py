# /// pattern
# id = "pt.performance.channels-last"
# topic = "performance.memory-format"
# questions = [
#   "channels_last memory format pytorch",
#   "NHWC in pytorch",
#   "speed up convolutions on cpu or gpu with channels_last",
#   "view size is not compatible with input tensor's size and stride",
#   "did my model keep channels_last",
#   "permute to nhwc or memory_format",
#   "chanels last torch",
# ]
# errors = [
#   "RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans acro",
# ]
# apis = ["torch.channels_last", "torch.Tensor.to", "torch.Tensor.is_contiguous"]
# replaces = ["x.permute(0, 2, 3, 1)", "data_format='NHWC'"]
# why = """channels_last keeps the shape (N, C, H, W) and the numbers, and only lays a pixel's channels side by side in
# memory, which fast convolution kernels want. Model and input are converted once; the layers hand the layout on. view()
# assumes the old layout and raises: flatten or reshape."""
# pitfalls = """A permute changes the shape, this does not. Layers without such a kernel fall back and convert back, so
# look at the strides of the output; measure before and after on the machine that counts."""
# when_not = "Small images on a CPU, models of mostly linear layers: nothing is gained."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: view size is not compatible with input tensor's size and stride"
# ///
"""Convolutions in the channels_last layout: same shapes, same numbers, other strides."""

import torch
from torch import nn


def build_model() -> nn.Sequential:
    """Images (N, 3, H, W) to logits (N, 5)."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),  # reshape, not view: it copes with either layout
        nn.Linear(64, 5),
    )


if __name__ == "__main__":
    torch.manual_seed(0)
    images = torch.randn(4, 3, 32, 32)
    model = build_model().eval()
    plain = model(images)

    model = model.to(memory_format=torch.channels_last)
    images_last = images.to(memory_format=torch.channels_last)
    assert images_last.shape == (4, 3, 32, 32) and images_last.equal(images)
    assert images.stride() == (3072, 1024, 32, 1) and images_last.stride() == (3072, 1, 96, 3)

    layouts = []
    for layer in model[:4]:
        layer.register_forward_hook(
            lambda _layer, _args, output: layouts.append(output.is_contiguous(memory_format=torch.channels_last))
        )
    torch.testing.assert_close(model(images_last), plain)
    assert layouts == [True] * 4  # each layer handed the layout on

    nn.functional.cross_entropy(model(images_last), torch.arange(4)).backward()
    assert model[0].weight.grad.is_contiguous(memory_format=torch.channels_last)
    print("strides", images.stride(), "->", images_last.stride())
