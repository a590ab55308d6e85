# /// pattern
# id = "pt.debugging.missing-gradients"
# topic = "debugging.autograd"
# twin = "tf.debugging.missing-gradients"
# questions = [
#   "parameter.grad is None after backward",
#   "element 0 of tensors does not require grad and does not have a grad_fn",
#   "which parameters get no gradient pytorch",
#   "layers in a python list are not trained",
#   "Can't call numpy() on Tensor that requires grad",
#   "gradient is zero for some layers",
#   "no gradiant reaches the layer torch",
# ]
# errors = ["element 0 of tensors does not require grad and does not have a grad_fn",
#   "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
#   "optimizer got an empty parameter list"]
# apis = ["torch.nn.ModuleList", "torch.nn.Module.named_parameters", "torch.Tensor.grad"]
# replaces = ["torch.tensor(list of tensors)", "self.layers = [nn.Linear(...)]"]
# why = """After one backward each parameter should have a gradient that is not all zeros. None: it was not used, or the
# graph is cut by detach, item, numpy or torch.tensor(...). Zeros: a dead ReLU or a constant output. And what is kept in
# a Python list is not a parameter of the module at all: the optimizer never sees it."""
# pitfalls = """The first layers being frozen on purpose also give None: look at requires_grad. Zeros right at the start
# are right where a residual branch is initialised to 0. torch.stack joins tensors and keeps the graph."""
# when_not = "Frozen parameters, which have none on purpose."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: parameters are missing"
# ///
"""Which parameters does a loss not reach?"""

import torch
from torch import nn


def unreached(model: nn.Module, loss: torch.Tensor) -> dict[str, str]:
    """Name -> "none" or "zero" for each trainable parameter without a gradient from this loss; .grad stays as it is."""
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    gradients = torch.autograd.grad(loss, [parameter for _, parameter in named], allow_unused=True, retain_graph=True)
    found = {}
    for (name, _), gradient in zip(named, gradients, strict=True):
        if gradient is None:
            found[name] = "none"
        elif not gradient.any():
            found[name] = "zero"
    return found


class Stack(nn.Module):
    """Layers (N, 8) to (N, 8) in a row, kept where the module finds them; one of them has a flaw."""

    def __init__(self, *, flaw: str | None = None) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))  # a plain list would hide them
        self.flaw = flaw

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers[0](x)
        if self.flaw == "cut":
            x = torch.tensor(x.tolist())  # new numbers without a past
        x = self.layers[1](x) - (1e6 if self.flaw == "dead" else 0)
        return self.layers[2](x.relu())


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(16, 8)

    def report(model: nn.Module) -> dict[str, str]:
        return unreached(model, model(x).square().mean())

    assert report(Stack()) == {}
    assert report(Stack(flaw="cut")) == {"layers.0.weight": "none", "layers.0.bias": "none"}
    before_the_relu = [f"layers.{layer}.{name}" for layer in (0, 1) for name in ("weight", "bias")]
    assert report(Stack(flaw="dead")) == dict.fromkeys(before_the_relu, "zero") | {"layers.2.weight": "zero"}
    assert len(list(Stack().parameters())) == 6
    print(report(Stack(flaw="dead")))
