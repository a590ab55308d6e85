"""Wrong: an autograd function as an object with state, refused since PyTorch 1.5."""

import torch


class Cube(torch.autograd.Function):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(x)
        return x**3

    def backward(self, grad: torch.Tensor) -> torch.Tensor:
        return grad * 3 * self.saved_tensors[0] ** 2


Cube()(torch.ones(2, requires_grad=True))
