# /// pattern
# id = "pt.migration.autograd-function"
# topic = "migration.autograd"
# questions = [
#   "Legacy autograd function with non-static forward method is deprecated",
#   "custom backward pytorch Function",
#   "write my own gradient torch.autograd.Function",
#   "self.save_for_backward in old autograd function",
#   "ctx static method forward backward",
#   "autograd funtion gradcheck",
# ]
# errors = [
#   "RuntimeError: Legacy autograd function with non-static forward method is deprecated.",
# ]
# apis = ["torch.autograd.Function", "torch.autograd.gradcheck"]
# replaces = ["autograd.Function instances", "self.saved_tensors", "Function with non-static forward"]
# why = """forward and backward are static and talk through ctx; the function is called by apply. gradcheck compares
# the hand-written backward with differences, in float64."""
# pitfalls = """backward returns one value for each argument of forward, None for those without a gradient. gradcheck
# wants double inputs."""
# when_not = """A composition of torch operations differentiates itself; write a Function for another formula or
# another gradient."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Legacy autograd function with non-static forward method is deprecated"
# ///
"""A gradient of one's own: the straight-through rounding, and a formula checked with gradcheck."""

import torch
from torch.autograd.function import FunctionCtx


class RoundStraightThrough(torch.autograd.Function):
    """round(x), of any shape, whose gradient is taken to be 1."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
        return x.round()

    @staticmethod
    def backward(ctx: FunctionCtx, grad: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
        return grad


class ScaledTanh(torch.autograd.Function):
    """scale * tanh(x), of any shape."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: torch.Tensor, scale: float) -> torch.Tensor:
        tanh = x.tanh()
        ctx.save_for_backward(tanh)
        ctx.scale = scale
        return scale * tanh

    @staticmethod
    def backward(ctx: FunctionCtx, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        (tanh,) = ctx.saved_tensors
        return grad * ctx.scale * (1 - tanh.square()), None  # none for scale


if __name__ == "__main__":
    x = torch.tensor([0.2, 1.7], requires_grad=True)
    (RoundStraightThrough.apply(x) * torch.tensor([3.0, 5.0])).sum().backward()
    assert x.grad.tolist() == [3.0, 5.0]

    doubles = torch.tensor([-1.0, 0.3, 2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda inputs: ScaledTanh.apply(inputs, 1.7), (doubles,))
    print(f"gradient through round: {x.grad.tolist()}")
