# /// pattern
# id = "pt.tuning.batch-size-rate"
# topic = "tuning.learning-rate"
# twin = "tf.tuning.batch-size-rate"
# questions = [
#   "learning rate when I change the batch size",
#   "linear scaling rule learning rate batch size",
#   "square root scaling of the learning rate with adam",
#   "larger batch trains worse pytorch",
#   "how does gradient noise depend on the batch size",
#   "multiply lr by number of gpus",
#   "bacth size and learning rate",
# ]
# apis = ["torch.Tensor.split", "torch.Tensor.std"]
# replaces = ["lr * world_size without a reason"]
# why = """k steps of SGD on batches of B move the weights, to first order, as one step on their k * B samples with k
# times the rate (linear rule, arXiv 1706.02677); with the rate unchanged the same epochs move them 1/k as far. The
# noise of a mean gradient falls with the root of the batch size: a rate times root k keeps the noise of a step (used
# with Adam, arXiv 2205.10287)."""
# pitfalls = """First order: at rates near the limit of stability k times the rate diverges. Warm up, and search around
# the scaled value instead of trusting it. Weight decay and the averages of EMA and BatchNorm also count in steps."""
# when_not = "The batch is split by gradient accumulation and stays as large as before: nothing changes."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: four times the batch at the old rate"
# ///
"""A learning rate for another batch size: the linear rule for SGD, the root rule for Adam, and where they come from."""

import math
from typing import Literal

import torch


def scaled_rate(rate: float, *, batch: int, new_batch: int, rule: Literal["linear", "root"]) -> float:
    """The rate for new_batch where `rate` was good for batch. Use "linear" with SGD, "root" with Adam."""
    ratio = new_batch / batch
    return rate * (ratio if rule == "linear" else math.sqrt(ratio))


def gradient(w: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Of the mean squared error of x @ w (B, D) against y (B,), as (D,)."""
    return 2 * x.T @ (x @ w - y) / len(x)


def trained(x: torch.Tensor, y: torch.Tensor, *, batch: int, rate: float) -> torch.Tensor:
    """Weights (D,) after one epoch of SGD from zero."""
    w = torch.zeros(x.shape[1])
    for some_x, some_y in zip(x.split(batch), y.split(batch), strict=True):
        w = w - rate * gradient(w, some_x, some_y)
    return w


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(4096, 10)
    y = x @ torch.linspace(-1, 1, 10) + torch.randn(4096)

    small = trained(x, y, batch=16, rate=0.001)
    scaled = trained(x, y, batch=64, rate=scaled_rate(0.001, batch=16, new_batch=64, rule="linear"))
    unscaled = trained(x, y, batch=64, rate=0.001)
    off, short = (small - scaled).norm() / small.norm(), unscaled.norm() / small.norm()
    assert off < 0.02 and short < 0.4  # the same way, and not half of it

    w = torch.zeros(10)
    noise = {}
    for batch in (16, 64):
        gradients = torch.stack([gradient(w, *pair) for pair in zip(x.split(batch), y.split(batch), strict=True)])
        noise[batch] = gradients.std(dim=0).mean().item()
    ratio = noise[16] / noise[64]
    assert 1.7 < ratio < 2.3  # the root of 4
    steps = [
        rate * noise[batch]
        for batch, rate in ((16, 0.001), (64, scaled_rate(0.001, batch=16, new_batch=64, rule="root")))
    ]
    assert abs(steps[1] / steps[0] - 1) < 0.15  # the noise of one step is kept
    print(f"linear rule off by {off:.1%}, old rate went {short:.0%} of the way, noise ratio {ratio:.2f}")
