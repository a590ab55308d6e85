"""A backward that forgets the product rule: plausible numbers, and training that goes astray."""

import torch


class Swish(torch.autograd.Function):
    """x * sigmoid(x)."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return grad * torch.sigmoid(x)  # wrong: + x * sigmoid(x) * (1 - sigmoid(x))


x = torch.linspace(-2, 2, 5, dtype=torch.float64, requires_grad=True)
torch.autograd.gradcheck(Swish.apply, (x,))
