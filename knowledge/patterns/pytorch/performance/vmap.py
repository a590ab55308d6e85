# /// pattern
# id = "pt.performance.vmap"
# topic = "performance.vectorisation"
# questions = [
#   "torch.func.vmap example",
#   "run an ensemble of models in one forward pass stack_module_state",
#   "vectorize a python loop over models or samples",
#   "jacobian of a network output torch.func.jacrev",
#   "jacobian vector product pytorch vjp",
#   "vmap randomness error dropout",
#   "vmap: It looks like you're calling .item() on a Tensor",
#   "vmap batch dimention in_dims torch",
# ]
# errors = [
#   "RuntimeError: vmap: It looks like you're calling .item() on a Tensor.",
#   "RuntimeError: vmap: called random operation while in randomness error mode.",
# ]
# apis = ["torch.func.vmap", "torch.func.stack_module_state", "torch.func.functional_call", "torch.func.jacrev",
#   "torch.func.vjp"]
# replaces = ["functorch.combine_state_for_ensemble", "torch.autograd.functional.jacobian", "a for loop over models"]
# why = """vmap writes a function for one sample, or one model, once, and runs it for many as one batched computation.
# The weights of models of one form are stacked, and one call answers for all of them. Jacobians come the same way: one
# backward pass for each output, all at once."""
# pitfalls = """Inside, no item(), no `if` on values, and random layers only with randomness="different" or "same". A
# batch norm in training mode writes to its buffers, which vmap refuses: eval() or another norm."""
# when_not = "A layer that takes a batch already: call it."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: vmap: It looks like you're calling .item() on a Tensor."
# ///
"""vmap: an ensemble of models in one call, and the Jacobian of each sample."""

import copy

import torch
from torch import nn
from torch.func import functional_call, jacrev, stack_module_state, vjp, vmap


def ensemble_forward(models: list[nn.Module], x: torch.Tensor) -> torch.Tensor:
    """The outputs (M, B, K) of M models of one form for the same inputs (B, D)."""
    parameters, buffers = stack_module_state(models)  # each (M, ...)
    skeleton = copy.deepcopy(models[0]).to("meta")  # the form, without weights

    def one(parameters: dict, buffers: dict, x: torch.Tensor) -> torch.Tensor:
        return functional_call(skeleton, (parameters, buffers), (x,))

    return vmap(one, in_dims=(0, 0, None))(parameters, buffers, x)


def jacobians(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """d output / d input of each sample: (B, D) to (B, K, D)."""
    return vmap(jacrev(model))(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    models = [nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)) for _ in range(5)]
    x = torch.randn(6, 4)
    together = ensemble_forward(models, x)
    torch.testing.assert_close(together, torch.stack([model(x) for model in models]))
    spread = together.softmax(dim=-1).std(dim=0)  # (6, 3): where the models disagree
    assert together.shape == (5, 6, 3) and spread.min() > 0

    model = models[0]
    jacobian = jacobians(model, x)
    first, last = model[0], model[2]
    slope = 1 - first(x).tanh() ** 2  # (6, 8)
    by_hand = torch.einsum("kh,bh,hd->bkd", last.weight, slope, first.weight)
    torch.testing.assert_close(jacobian, by_hand)

    weights = torch.randn(6, 3)
    _, pull_back = vjp(model, x)  # a product with the Jacobian alone, without the matrix
    torch.testing.assert_close(pull_back(weights)[0], torch.einsum("bk,bkd->bd", weights, jacobian))

    dropout = nn.Dropout(0.5)
    masks = vmap(lambda row: dropout(torch.ones_like(row)), randomness="different")(torch.ones(4, 64))
    assert len(masks.unique(dim=0)) == 4  # each sample draws its own
    print("ensemble", tuple(together.shape), "jacobians", tuple(jacobian.shape))
