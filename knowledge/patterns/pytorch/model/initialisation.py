# /// pattern
# id = "pt.model.initialisation"
# topic = "model.initialisation"
# twin = "tf.model.initialisation"
# questions = [
#   "weight initialization in pytorch",
#   "kaiming init for relu layers",
#   "xavier or he initialization",
#   "model.apply(init_weights)",
#   "deep network does not learn, activations vanish",
#   "how do I initialize the bias of the last layer for imbalanced classes",
#   "wieght init pytroch",
#   "default initialization of nn.Linear",
# ]
# errors = ["ValueError: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"]
# apis = ["torch.nn.init.kaiming_normal_", "torch.nn.Module.apply", "torch.nn.init.zeros_"]
# replaces = ["torch.nn.init.kaiming_normal", "torch.nn.init.xavier_uniform", "m.weight.data.normal_(0, 0.02)"]
# why = """A sum over fan_in inputs has fan_in times the variance of a product: weights of variance 1 / fan_in keep a
# signal's size, and behind a ReLU, which drops half of it, 2 / fan_in (He). The demo measures 30 ReLU layers of width
# 256: He keeps the deviation near 1; behind the default of nn.Linear, variance 1 / (3 fan_in), the samples differ by
# less than a millionth."""
# pitfalls = """tanh and linear layers want xavier (gain 5/3 for tanh). Initialise residual branches' last layer to 0.
# With normalisation layers in between the choice matters far less. Behind tanh or sigmoid:
# torch.nn.init.xavier_uniform_."""
# when_not = "Pretrained weights are loaded afterwards."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the signal died out"
# ///
"""He's initialisation for ReLU networks, shown by the size of the signal after thirty layers."""

import math

import torch
from torch import nn


def initialise(module: nn.Module) -> None:
    """He weights and zero biases for each linear and convolutional layer; for Module.apply."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def start_at_base_rate(head: nn.Linear, positive_rate: float) -> None:
    """Let a binary classifier begin with the rate of positives instead of 0.5, which saves the first epochs."""
    nn.init.zeros_(head.weight)
    nn.init.constant_(head.bias, math.log(positive_rate / (1 - positive_rate)))


def deep_network(depth: int, width: int) -> nn.Sequential:
    return nn.Sequential(*[layer for _ in range(depth) for layer in (nn.Linear(width, width), nn.ReLU())])


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(512, 256)
    default = deep_network(30, 256)
    model = deep_network(30, 256).apply(initialise)
    with torch.no_grad():
        size = model(x).std().item()
        varies = default(x).std(dim=0).mean().item()  # over the samples: the biases are the same for all of them
    assert 0.1 < size < 10, size
    assert varies < 1e-6, varies

    # The rule itself: the variance of the weights, and with it that of one layer's output.
    weight = model[0].weight
    assert abs(weight.var().item() * 256 / 2 - 1) < 0.05
    assert abs(model[0](x).var().item() / 2 - 1) < 0.1

    head = nn.Linear(256, 1)
    start_at_base_rate(head, 0.02)
    torch.testing.assert_close(torch.sigmoid(head(x)), torch.full((512, 1), 0.02))
    print(f"after 30 layers: He {size:.2f}; by default samples differ by {varies:.1e}")
