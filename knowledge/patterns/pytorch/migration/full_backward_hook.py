# /// pattern
# id = "pt.migration.full-backward-hook"
# topic = "migration.hooks"
# questions = [
#   "register_backward_hook deprecated non-full backward hook",
#   "grad_input is wrong in a backward hook pytorch",
#   "register_full_backward_hook example",
#   "Using a non-full backward hook when the forward contains multiple autograd Nodes",
#   "grad-cam hook gradients of a layer",
#   "backword hook pytorch",
# ]
# errors = [
#   "FutureWarning: Using a non-full backward hook when the forward contains multiple autograd Nodes is deprecated",
# ]
# apis = ["torch.nn.Module.register_full_backward_hook"]
# replaces = ["register_backward_hook"]
# why = """The old hook sees only the last operation of the module, so its grad_input is not the gradient of the
# module's input. The full hook gives that one, and the program compares it with the chain rule by hand."""
# pitfalls = """A full hook forbids in-place changes of the module's output; for one tensor alone tensor.register_hook
# is simpler. Keep the handle and remove it."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: that is not the gradient of the input"
# ///
"""The gradients at a module's input and output, by a full backward hook."""

import torch
from torch import nn


class Block(nn.Module):
    """(B, 3) -> (B, 3): two operations, so that input and last operation differ."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * 3).square()


if __name__ == "__main__":
    block, seen = Block(), {}

    def keep(module: nn.Module, grad_input: tuple, grad_output: tuple) -> None:  # noqa: ARG001
        seen["input"], seen["output"] = grad_input[0], grad_output[0]  # (B, 3) each

    handle = block.register_full_backward_hook(keep)
    x = torch.tensor([[1.0, 2.0, -1.0]], requires_grad=True)
    block(x).sum().backward()
    handle.remove()

    by_hand = 2 * 9 * x.detach()  # d/dx (3x)^2 = 18x
    torch.testing.assert_close(seen["input"], by_hand)
    torch.testing.assert_close(seen["output"], torch.ones(1, 3))
    torch.testing.assert_close(x.grad, by_hand)
    print(f"gradient at the input: {seen['input'].tolist()}")
