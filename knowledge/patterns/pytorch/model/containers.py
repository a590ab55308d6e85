# /// pattern
# id = "pt.model.containers"
# topic = "model.building"
# twin = "tf.model.subclass"
# questions = [
#   "nn.ModuleList vs nn.Sequential vs python list",
#   "build a network with a variable number of layers pytorch",
#   "residual MLP in pytorch",
#   "choose the activation by name in a config torch",
#   "all my layers share the same weights, list multiplication",
#   "ModuleList forward not implemented",
#   "modulelist or sequental for repeated blocks",
#   "how do I name the layers of nn.Sequential",
# ]
# errors = ['''NotImplementedError: Module [ModuleList] is missing the required "forward" function''']
# apis = ["torch.nn.ModuleList", "torch.nn.Sequential", "torch.nn.Module.get_submodule", "collections.OrderedDict"]
# replaces = ["self.layers = [nn.Linear(...)]", "[block] * depth", "setattr(self, f'layer{i}', ...)",
#   "add_module in a loop"]
# why = """A ModuleList holds layers for a loop of one's own, a Sequential runs them by itself; both register them,
# which a plain list does not. Each layer has to be made anew: a list times 3 is the same layer three times, one set of
# weights."""
# pitfalls = """A ModuleList cannot be called. What is found by name in a Sequential made of an OrderedDict keeps its
# name in the state_dict, where numbers shift as soon as a layer is put in between."""
# when_not = "Two or three different layers: attributes with names say more."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the blocks are one and the same"
# ///
"""A residual MLP of any depth: blocks in a ModuleList, their parts in a Sequential with names."""

from collections import OrderedDict

import torch
from torch import nn

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}


def make_block(width: int, activation: str, dropout: float) -> nn.Sequential:
    """(N, width) to the same shape."""
    parts = OrderedDict(
        norm=nn.LayerNorm(width),
        widen=nn.Linear(width, 2 * width),
        activation=ACTIVATIONS[activation](),
        dropout=nn.Dropout(dropout),
        narrow=nn.Linear(2 * width, width),
    )
    return nn.Sequential(parts)


class ResidualMLP(nn.Module):
    """Features (N, num_features) to outputs (N, num_outputs)."""

    def __init__(
        self, num_features: int, num_outputs: int, *, width: int, depth: int, activation: str, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embed = nn.Linear(num_features, width)
        self.blocks = nn.ModuleList(make_block(width, activation, dropout) for _ in range(depth))  # each one anew
        self.head = nn.Linear(width, num_outputs)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        x = self.embed(features)  # (N, width)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = ResidualMLP(4, 1, width=16, depth=3, activation="gelu")
    count = sum(parameter.numel() for parameter in model.parameters())
    assert count == (4 * 16 + 16) + 3 * (2 * 16 + (16 * 32 + 32) + (32 * 16 + 16)) + (16 + 1)
    assert "blocks.2.widen.weight" in model.state_dict()
    assert model.get_submodule("blocks.0.narrow").weight.shape == (16, 32)
    assert not torch.equal(model.blocks[0].widen.weight, model.blocks[1].widen.weight)

    x = torch.randn(8, 4)
    by_hand = model.embed(x)
    for number in range(3):
        by_hand = by_hand + model.get_submodule(f"blocks.{number}")(by_hand)
    torch.testing.assert_close(model(x), model.head(by_hand))

    features = torch.randn(256, 4)
    targets = features[:, :1] * features[:, 1:2]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0], losses
    print(f"{count:,} parameters, loss {losses[0]:.2f} -> {losses[-1]:.3f}")
