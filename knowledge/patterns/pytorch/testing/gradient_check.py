# /// pattern
# id = "pt.testing.gradient-check"
# topic = "testing.gradients"
# twin = "tf.testing.gradient-check"
# questions = [
#   "gradcheck pytorch custom autograd function",
#   "is my backward correct",
#   "compare analytical and numerical gradients",
#   "test a custom torch.autograd.Function",
#   "Jacobian mismatch for output 0 with respect to input 0",
#   "gradcheck fails with float32",
#   "grad check finite diferences torch",
#   "write my own backward with save_for_backward",
# ]
# errors = ["torch.autograd.gradcheck.GradcheckError: Jacobian mismatch for output 0 with respect to input 0,"]
# apis = ["torch.autograd.gradcheck", "torch.autograd.gradgradcheck", "torch.autograd.Function"]
# replaces = ["finite differences by hand", "torch.autograd.gradcheck with float32 inputs"]
# why = """gradcheck moves each input element a little, forwards and backwards, and compares the slopes with what
# backward says: an independent answer to the question whether the formula is right. In float64 it agrees to six digits;
# in float32 the differences drown in rounding."""
# pitfalls = """Inputs of distinct values, away from kinks such as relu at 0; few elements, as each costs two calls.
# Random layers (dropout) must be off. backward must itself be differentiable for second derivatives: gradgradcheck."""
# when_not = "A function made of torch's own operations: autograd derives it, there is nothing to check."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises GradcheckError: Jacobian mismatch for output 0 with respect to input 0"
# ///
"""An autograd Function with a backward of its own, checked against finite differences."""

import torch
from torch.autograd import gradcheck, gradgradcheck


class Swish(torch.autograd.Function):
    """x * sigmoid(beta * x), with a learnable number beta; keeps x and beta for backward, and nothing between."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, beta = ctx.saved_tensors
        sigmoid = torch.sigmoid(beta * x)
        slope = sigmoid * (1 - sigmoid)
        return grad * (sigmoid + beta * x * slope), (grad * x * x * slope).sum()  # one for each input, in its shape


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    beta = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
    assert gradcheck(Swish.apply, (x, beta))
    assert gradgradcheck(Swish.apply, (x, beta))  # backward can be differentiated as well

    # The same by autograd, and by one finite difference.
    by_function = torch.autograd.grad(Swish.apply(x, beta).sum(), (x, beta))
    by_autograd = torch.autograd.grad((x * torch.sigmoid(beta * x)).sum(), (x, beta))
    torch.testing.assert_close(by_function, by_autograd)
    with torch.no_grad():
        step = 1e-6
        slope = (Swish.apply(x, beta + step).sum() - Swish.apply(x, beta - step).sum()) / (2 * step)
    assert abs(slope - by_function[1]) < 1e-6
    print(f"d/d beta: {by_function[1]:.6f} by backward, {slope:.6f} by differences")
