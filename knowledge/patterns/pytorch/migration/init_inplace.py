# /// pattern
# id = "pt.migration.init-inplace"
# topic = "migration.init"
# questions = [
#   "nn.init.xavier_uniform is now deprecated",
#   "initialise weights pytorch kaiming xavier",
#   "init functions with underscore",
#   "apply weight init to all layers torch",
#   "nn.init.constant nn.init.normal warning",
#   "xaviar init torch",
# ]
# errors = [
#   "FutureWarning: `nn.init.xavier_uniform` is now deprecated in favor of `nn.init.xavier_uniform_`.",
# ]
# apis = ["torch.nn.init.xavier_uniform_", "torch.nn.init.kaiming_normal_", "torch.nn.Module.apply"]
# replaces = [
#   "torch.nn.init.xavier_uniform",
#   "torch.nn.init.kaiming_normal",
#   "torch.nn.init.constant",
#   "torch.nn.init.normal",
#   "m.weight.data.normal_",
# ]
# why = """The underscore says that the tensor is changed in place; the names without it only warn and call the others.
# The variance is checked against the formula: 2 / (fan_in + fan_out) for Xavier, 2 / fan_in for Kaiming."""
# pitfalls = """Biases need zeros_ by themselves: xavier on one dimension raises. Transformers and residual nets have
# rules of their own."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns FutureWarning: `nn.init.xavier_uniform` is now deprecated"
# ///
"""Initialise the weights of a network, layer by layer."""

import torch
from torch import nn


def init_weights(module: nn.Module) -> None:
    """For model.apply: Kaiming for convolutions before a ReLU, Xavier for linear layers, biases 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")  # (out, in, h, w)
    elif isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)  # (out, in)
    if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(8, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 200))
    model.apply(init_weights)
    conv, linear = model[0], model[3]
    assert abs(conv.weight.var().item() / (2 / (8 * 3 * 3)) - 1) < 0.1
    assert abs(linear.weight.var().item() / (2 / (400 + 200)) - 1) < 0.05
    assert linear.weight.abs().max() <= (6 / (400 + 200)) ** 0.5 + 1e-6  # uniform within this bound
    assert conv.bias.abs().max() == linear.bias.abs().max() == 0
    print(f"variance of the linear weights {linear.weight.var():.5f}")
