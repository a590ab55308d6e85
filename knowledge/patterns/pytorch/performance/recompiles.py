# /// pattern
# id = "pt.performance.recompiles"
# topic = "performance.compile"
# twin = "tf.performance.retracing"
# questions = [
#   "torch.compile recompiles every step",
#   "torch._dynamo hit config.recompile_limit",
#   "dynamic shapes torch.compile mark_dynamic",
#   "torch.compile with different batch sizes or sequence lengths",
#   "torch.compile recompiles because of a step counter in forward",
#   "compiled model slow in the first steps",
#   "TORCH_LOGS recompiles",
#   "torch compile recompilling dynamic",
# ]
# errors = ["torch._dynamo hit config.recompile_limit (8)"]
# apis = ["torch.compile", "torch._dynamo.mark_dynamic", "torch.compiler.reset"]
# replaces = ["cache_size_limit", "padding every batch to one length"]
# why = """A compiled graph holds for what it saw: sizes, types, and the Python values it used. A new size or number is
# compiled once more, then made dynamic, and no more; mark_dynamic says so from the beginning. What a module counts up
# in forward, or a list that grows, is new in each call and compiled anew, until the limit of 8; after that the function
# runs uncompiled, with one line in the log. A counter belongs into a buffer, which is data and not code."""
# pitfalls = """A size of 1 is always a case of its own. TORCH_LOGS=recompiles names the guard that failed. Drop the
# last, smaller batch (drop_last=True), or mark the batch dimension."""
# when_not = "A few fixed sizes: one graph each is fastest, and dynamic=False keeps them."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: compiled"
# ///
"""One compiled graph for all lengths and all steps: dynamic dimensions, and counters that are buffers."""

from collections.abc import Callable

import torch
from torch import nn


class CompileCounter:
    """A backend for torch.compile that runs the graph as it is, and counts how often it was asked to compile."""

    def __init__(self) -> None:
        self.compiled = 0

    def __call__(self, graph: torch.fx.GraphModule, _example_inputs: list[torch.Tensor]) -> Callable:
        self.compiled += 1
        return graph.forward


class Sharpened(nn.Module):
    """Probabilities (B, T) from logits (B, T), sharper with each call."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))  # a Python number here would be compiled anew each time

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return (x * self.calls).softmax(dim=1)


def compilations(batches: list[torch.Tensor]) -> int:
    """How often the module is compiled over these batches; each result is checked."""
    torch.compiler.reset()
    counter = CompileCounter()
    model = torch.compile(Sharpened(), backend=counter)
    for call, x in enumerate(batches, start=1):
        powers = x.exp() ** call
        torch.testing.assert_close(model(x), powers / powers.sum(dim=1, keepdim=True))
    return counter.compiled


def marked(x: torch.Tensor) -> torch.Tensor:
    """The same tensor; its second dimension is declared to vary."""
    torch._dynamo.mark_dynamic(x, 1)
    return x


if __name__ == "__main__":
    torch.manual_seed(0)
    assert compilations([torch.randn(4, 6) for _ in range(12)]) == 1  # one size, twelve steps

    varying = [torch.randn(4, length) for length in range(5, 12)]
    seen = compilations(varying)
    assert seen == 2  # for the first length, and once more for any length
    assert compilations([marked(x) for x in varying]) == 1
    print(f"7 lengths: compiled {seen} times, once when the dimension is marked")
