"""Wrong: a step counter kept as a Python number; each new value is compiled anew."""

from collections.abc import Callable

import torch
from torch import nn

compiled = 0


def count(graph: torch.fx.GraphModule, _example_inputs: list[torch.Tensor]) -> Callable:
    """Run the graph as it is, and count it."""
    global compiled
    compiled += 1
    return graph.forward


class Sharpened(nn.Module):
    """Softmax that sharpens with each call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0  # wrong: self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return (x * self.calls).softmax(dim=1)


model = torch.compile(Sharpened(), backend=count)
for _ in range(6):
    model(torch.ones(4, 6))
assert compiled <= 2, f"compiled {compiled} times in 6 steps"
