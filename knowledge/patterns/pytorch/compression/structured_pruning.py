# /// pattern
# id = "pt.compression.structured-pruning"
# topic = "compression.pruning"
# questions = [
#   "remove whole channels from a conv layer pytorch",
#   "structured pruning that makes the model smaller and faster",
#   "prune filters and shrink the next layer",
#   "ln_structured does not reduce parameters",
#   "pruned model has the same size and speed",
#   "network slimming batch norm gamma",
#   "structurd pruning channels torch",
# ]
# errors = ["RuntimeError: Given groups=1, weight of size [16, 8, 3, 3], expected input[1, 4, 8, 8] to have 8 channels"]
# apis = ["torch.nn.Conv2d", "torch.nn.BatchNorm2d", "torch.topk"]
# replaces = ["torch.nn.utils.prune.ln_structured", "torch_pruning.MagnitudePruner"]
# why = """prune.ln_structured sets channels to zero, and every tensor keeps its size: nothing gets faster. Here the
# chosen channels go out of the convolution, its batch norm and the next layer's inputs together, and the new, smaller
# network computes exactly what the old one does with those channels silenced."""
# pitfalls = """All that reads the channels must shrink with them: residual connections tie layers together, and a
# Flatten before a linear layer makes several inputs of one channel. Train on afterwards."""
# when_not = "Branching networks: a library that follows the graph (torch-pruning)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: half of the channels were pruned, and the layer still has 1168 parameters"
# ///
"""Structured pruning: take whole channels out of a convolution and of all that reads them."""

import torch
from torch import nn


def important_channels(norm: nn.BatchNorm2d, *, keep: int) -> torch.Tensor:
    """The numbers of the channels with the largest scale, in order."""
    return norm.weight.detach().abs().topk(keep).indices.sort().values


def shrink(conv: nn.Conv2d, norm: nn.BatchNorm2d, following: nn.Conv2d, kept: torch.Tensor) -> list[nn.Module]:
    """New layers in which only the kept channels (K,) between conv and following are left."""
    with torch.no_grad():
        smaller = nn.Conv2d(conv.in_channels, len(kept), conv.kernel_size, conv.stride, conv.padding)
        smaller.weight.copy_(conv.weight[kept])
        smaller.bias.copy_(conv.bias[kept])
        norm_smaller = nn.BatchNorm2d(len(kept), eps=norm.eps)
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(norm_smaller, name).copy_(getattr(norm, name)[kept])
        reader = nn.Conv2d(
            len(kept), following.out_channels, following.kernel_size, following.stride, following.padding
        )
        reader.weight.copy_(following.weight[:, kept])
        reader.bias.copy_(following.bias)
    return [smaller, norm_smaller, reader]


def parameters(model: nn.Module) -> int:
    """The number of parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


if __name__ == "__main__":
    torch.manual_seed(0)
    conv, norm, following = nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.Conv2d(16, 8, 3, padding=1)
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)]
    model = nn.Sequential(conv, norm, nn.ReLU(), following, *head)
    nn.init.uniform_(norm.weight, 0.1, 1)
    images = torch.randn(4, 3, 8, 8)
    model(images)  # fills the running statistics

    kept = important_channels(norm, keep=4)
    conv2, norm2, following2 = shrink(conv, norm, following, kept)
    small = nn.Sequential(conv2, norm2, nn.ReLU(), following2, *head)

    silenced = torch.ones(16, dtype=torch.bool)
    silenced[kept] = False
    with torch.no_grad():
        norm.weight[silenced] = 0  # the old network, with the other channels silent
        norm.bias[silenced] = 0
    torch.testing.assert_close(small.eval()(images), model.eval()(images))
    assert norm.weight[kept].min() > norm.weight[silenced].max()
    print(f"parameters {parameters(model)} -> {parameters(small)}")
    assert parameters(small) < 0.4 * parameters(model)
    nn.functional.cross_entropy(small.train()(images), torch.arange(4)).backward()  # ordinary layers: train on
