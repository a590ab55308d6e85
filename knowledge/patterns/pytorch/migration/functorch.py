# /// pattern
# id = "pt.migration.functorch"
# topic = "migration.func"
# questions = [
#   "functorch is deprecated use torch.func",
#   "per-sample gradients pytorch",
#   "make_functional replacement",
#   "torch.nn.utils.stateless.functional_call deprecated",
#   "vmap over a model with grad",
#   "functorch vmap grad migraton",
# ]
# errors = [
#   "FutureWarning: We've integrated functorch into PyTorch.",
#   "FutureWarning: `torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0",
# ]
# apis = ["torch.func.functional_call", "torch.func.grad", "torch.func.vmap"]
# replaces = [
#   "functorch.vmap",
#   "functorch.grad",
#   "functorch.make_functional",
#   "functorch.make_functional_with_buffers",
#   "torch.nn.utils.stateless.functional_call",
# ]
# why = """A module is called with the parameters handed in (functional_call), so grad and vmap can treat them as
# arguments; make_functional, which tore the module apart, is not needed. The result equals one backward for each
# sample."""
# pitfalls = "BatchNorm in training mode has no gradient for one sample: put eval() or another norm."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns FutureWarning: We've integrated functorch into PyTorch."
# ///
"""The gradient of each sample on its own, with torch.func instead of functorch."""

import torch
from torch import nn
from torch.func import functional_call, grad, vmap


def per_sample_gradients(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> dict[str, torch.Tensor]:
    """Parameter name -> (B, *shape), for inputs (B, D) and targets (B, K) under the mean squared error."""
    parameters = {name: parameter.detach() for name, parameter in model.named_parameters()}

    def loss(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        prediction = functional_call(model, parameters, (x[None],))  # (1, K)
        return nn.functional.mse_loss(prediction[0], y)

    return vmap(grad(loss), in_dims=(None, 0, 0))(parameters, inputs, targets)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    inputs, targets = torch.randn(5, 3), torch.randn(5, 2)
    gradients = per_sample_gradients(model, inputs, targets)
    for row in range(5):  # the slow way: one backward for each sample
        model.zero_grad()
        nn.functional.mse_loss(model(inputs[row : row + 1]), targets[row : row + 1]).backward()
        for name, parameter in model.named_parameters():
            torch.testing.assert_close(gradients[name][row], parameter.grad)
    print({name: tuple(gradient.shape) for name, gradient in gradients.items()})
