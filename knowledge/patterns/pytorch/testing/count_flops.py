# /// pattern
# id = "pt.testing.count-flops"
# topic = "testing.cost"
# twin = "tf.testing.count-flops"
# questions = [
#   "count parameters of a pytorch model",
#   "number of trainable parameters",
#   "count flops of a model torch",
#   "FlopCounterMode",
#   "MACs or FLOPs of a convolution",
#   "model size in megabytes pytorch",
#   "how many paramaters does my network have",
#   "torchsummary without installing anything",
# ]
# apis = ["torch.utils.flop_counter.FlopCounterMode", "torch.nn.Module.parameters", "torch.Tensor.numel"]
# replaces = ["thop.profile", "fvcore.nn.FlopCountAnalysis", "torchsummary.summary", "ptflops"]
# why = """parameters() yields each trained tensor once, also where two layers share it; buffers are none.
# FlopCounterMode watches what is really executed, functional calls and backward included, and counts two operations for
# each multiplication with its addition: halve it for MACs."""
# pitfalls = """It counts products of matrices, convolutions and attention; activations, norms and additions are left
# out. The figure belongs to one input size. Time is another matter: a depthwise convolution has few FLOPs and is
# slow."""
# when_not = "The question is how long it takes: measure time, after a warm-up."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: buffers were counted as parameters"
# ///
"""Parameters, bytes and floating-point operations of a model."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Numbers of parameters, shared ones once, and the bytes of all that is saved."""
    parameters = list(model.parameters())
    kept = [*parameters, *model.buffers()]
    return {
        "trainable": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        "frozen": sum(parameter.numel() for parameter in parameters if not parameter.requires_grad),
        "bytes": sum(tensor.numel() * tensor.element_size() for tensor in kept),
    }


def count_flops(model: nn.Module, *inputs: torch.Tensor) -> int:
    """Operations of one forward pass in eval mode, two for each multiply-add."""
    was_training = model.training
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model.eval()(*inputs)
    model.train(was_training)
    return counter.get_total_flops()


if __name__ == "__main__":
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 10)
    )
    model[0].requires_grad_(False)
    counts = count_parameters(model)
    weights = {"convolution": 3 * 16 * 9, "norm": 2 * 16, "linear": 1024 * 10 + 10}
    assert counts["frozen"] == weights["convolution"]
    assert counts["trainable"] == weights["norm"] + weights["linear"]
    # Besides: a running mean and variance of 16 float32, and one int64 that counts batches.
    assert counts["bytes"] == 4 * sum(weights.values()) + 4 * 2 * 16 + 8

    flops = count_flops(model, torch.randn(2, 3, 8, 8))
    multiply_adds = 8 * 8 * weights["convolution"] + 1024 * 10  # each filter at each of 64 places; each weight once
    assert flops == 2 * 2 * multiply_adds  # two images, two operations
    assert model.training
    print(counts, f"{flops:,} FLOPs for two images")
