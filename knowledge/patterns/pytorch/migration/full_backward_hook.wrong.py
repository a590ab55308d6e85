"""Wrong: the old backward hook, whose grad_input belongs to the last operation inside the module."""

import torch
from torch import nn


class Block(nn.Module):
    """(B, 3) -> (B, 3)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * 3).square()


seen = []
block = Block()
block.register_backward_hook(lambda *seen_by_hook: seen.append(seen_by_hook[1][0]))
x = torch.tensor([[1.0, 2.0, -1.0]], requires_grad=True)
block(x).sum().backward()
assert torch.equal(seen[0], x.grad), f"that is not the gradient of the input: {seen[0].tolist()}, not {x.grad.tolist()}"
