# /// pattern
# id = "pt.optimizer.layer-wise-rates"
# topic = "train.optimizer"
# twin = "tf.optimizer.layer-wise-rates"
# questions = [
#   "different learning rate for each layer pytorch",
#   "parameter groups optimizer backbone and head",
#   "layer-wise learning rate decay for fine-tuning",
#   "discriminative learning rates torch",
#   "lower learning rate for pretrained layers",
#   "param_groups lr per layer",
#   "no weight decay for bias and layernorm",
#   "some parameters appear in more than one parameter group",
# ]
# errors = ["ValueError: some parameters appear in more than one parameter group"]
# apis = ["torch.optim.AdamW", "torch.optim.Optimizer.param_groups", "torch.nn.Module.named_parameters"]
# replaces = ["one optimizer for each layer", "lr_mult"]
# why = """An optimizer takes a list of dicts: each group has its own options, the rest come from the defaults. When
# fine-tuning, each layer further from the head gets a constant fraction of the rate of the one behind it: the early
# ones, which are general, move least. Biases and norms are not decayed."""
# pitfalls = """A scheduler multiplies each group's own rate; one that sets rates (OneCycleLR) wants a list of max_lr. A
# parameter in no group is silently never trained: count them."""
# when_not = "Training from scratch: one rate for all."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: some parameters appear in more than one parameter group"
# ///
"""A learning rate for each layer, falling towards the input, and no decay for biases and norms."""

import torch
from torch import nn


def layer_wise_groups(
    layers: list[nn.Module], *, head_rate: float, rate_factor: float, weight_decay: float
) -> list[dict[str, object]]:
    """Two groups for each layer: matrices with decay, vectors without; layers in order from input to head."""
    groups: list[dict[str, object]] = []
    for depth, layer in enumerate(reversed(layers)):
        rate = head_rate * rate_factor**depth
        parameters = [parameter for parameter in layer.parameters() if parameter.requires_grad]
        matrices = [parameter for parameter in parameters if parameter.ndim >= 2]
        vectors = [parameter for parameter in parameters if parameter.ndim < 2]
        for group, decay in ((matrices, weight_decay), (vectors, 0.0)):
            if group:
                groups.append({"params": group, "lr": rate, "weight_decay": decay})
    return groups


if __name__ == "__main__":
    torch.manual_seed(0)
    blocks = [nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8), nn.GELU()) for _ in range(3)]
    model = nn.Sequential(*blocks, nn.Linear(8, 2))
    groups = layer_wise_groups(list(model), head_rate=1e-2, rate_factor=0.5, weight_decay=0.1)
    optimizer = torch.optim.AdamW(groups)

    grouped = [id(parameter) for group in optimizer.param_groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in model.parameters())  # each of them, once

    # Adam's first step is the rate itself for each element with a gradient, so it shows which rate was used.
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    nn.functional.cross_entropy(model(torch.randn(64, 8)), torch.randint(0, 2, (64,))).backward()
    optimizer.step()
    for layer, expected in {"3": 1e-2, "2.0": 5e-3, "1.0": 2.5e-3, "0.0": 1.25e-3}.items():
        moved = (model.get_parameter(f"{layer}.bias") - before[f"{layer}.bias"]).abs()
        assert abs(moved.median().item() / expected - 1) < 0.01, (layer, moved)
    print([f"{group['lr']:.5f}" for group in optimizer.param_groups])
