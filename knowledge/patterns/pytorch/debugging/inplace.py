# /// pattern
# id = "pt.debugging.inplace"
# topic = "debugging.autograd"
# questions = [
#   "one of the variables needed for gradient computation has been modified by an inplace operation",
#   "which line modified the tensor in place, detect_anomaly",
#   "a leaf Variable that requires grad is being used in an in-place operation",
#   "is x += y allowed in forward pytorch",
#   "initialise weights without tracking gradients",
#   "inplace relu error backward",
#   "in place eror autograd torch",
# ]
# errors = ["""one of the variables needed for gradient computation has been modified by an inplace operation: \
# [torch.FloatTensor [3]], which is output 0 of Sigmoid, is at version 1; expected version 0 instead.""",
#   "a leaf Variable that requires grad is being used in an in-place operation.",
#   "a view of a leaf Variable that requires grad is being used in an in-place operation."]
# apis = ["torch.autograd.detect_anomaly", "torch.no_grad"]
# replaces = ["x.data", "+= in forward"]
# why = """Backward reads what forward kept: sigmoid its output, a product both factors. x += 1 writes over it, the
# version counter tells, and backward refuses. x = x + 1 makes a new tensor. Anomaly mode shows the line of forward
# whose result was written over."""
# pitfalls = """Writing through .data or .detach() gets past the counter, and the gradient is silently wrong. Whether +=
# raises depends on what the operation before it kept: after an addition it is fine."""
# when_not = """Under torch.no_grad and on tensors that nothing needs in backward, in-place operations are right and
# save memory."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: has been modified by an inplace operation"
# ///
"""In-place operations and autograd: what is allowed, and how to find the line that was not."""

import warnings

import torch
from torch import nn


class Gate(nn.Module):
    """(N, D) to (N, D): x times a gate, plus x; no tensor that backward needs is written over."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, features)
        with torch.no_grad():  # parameters are written to where nothing is recorded
            self.linear.bias.fill_(1.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate = self.linear(x).sigmoid()
        return x + x * gate


def broken(x: torch.Tensor) -> torch.Tensor:
    """Writes over the sigmoid's output, which its backward needs."""
    gate = x.sigmoid()
    gate += 1
    return gate


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Gate(3).double(), x)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with torch.autograd.detect_anomaly():
                broken(x).sum().backward()
        except RuntimeError as error:
            assert "output 0 of Sigmoid" in str(error) and "expected version 0" in str(error)
        else:
            raise AssertionError("the gradient was computed from a tensor that is gone")
    assert any("gate = x.sigmoid()" in str(warning.message) for warning in caught)  # the line of forward

    hidden = x.detach().requires_grad_()
    gate = hidden.sigmoid()
    gate.data += 1  # no error, and a wrong gradient
    (wrong,) = torch.autograd.grad(gate.sum(), hidden)
    (right,) = torch.autograd.grad((hidden.sigmoid() + 1).sum(), hidden)
    assert not torch.allclose(wrong, right)
    print("error in the gradient through .data:", (wrong - right).abs().max().item())
