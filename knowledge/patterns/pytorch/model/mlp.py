# /// pattern
# id = "pt.model.mlp"
# topic = "model.tabular"
# role = "model"
# provides = "mlp"
# entry = "MLP"
# twin = "tf.model.mlp"
# questions = [
#   "multilayer perceptron in pytorch",
#   "mlp for tabular data",
#   "fully connected network with dropout",
#   "feed forward network for regression torch",
#   "variable number of hidden layers nn.Module",
#   "optimizer got an empty parameter list",
#   "simple neural netwrok pytorch",
# ]
# errors = ["ValueError: optimizer got an empty parameter list", "mat1 and mat2 shapes cannot be multiplied"]
# apis = ["torch.nn.Linear", "torch.nn.Dropout", "torch.nn.Sequential"]
# why = """Layers in nn.Sequential (or nn.ModuleList) are registered: the optimiser sees them, .to(device) moves them
# and state_dict saves them. The last layer is bare, so the same network gives logits or real values."""
# pitfalls = "Layers in a plain Python list are invisible to the optimiser."
# when_not = "Images, text or series: a network that knows their structure needs far fewer samples."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: optimizer got an empty parameter list"
# ///
"""A multilayer perceptron for tables: classification (logits) or regression (values)."""

import torch
from torch import nn


class MLP(nn.Module):
    """num_layers hidden layers of hidden_dim units, each with activation and dropout, and a linear output."""

    def __init__(
        self,
        *,
        in_features: int,
        out_features: int,
        hidden_dim: int = 64,
        num_layers: int = 2,
        dropout: float = 0.1,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for number in range(num_layers):
            layers += [nn.Linear(hidden_dim if number else in_features, hidden_dim), activation(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden_dim if num_layers else in_features, out_features))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(N, in_features) to (N, out_features)."""
        return self.layers(features)


if __name__ == "__main__":
    torch.manual_seed(0)
    assert MLP(in_features=4, out_features=3, num_layers=0)(torch.randn(5, 4)).shape == (5, 3)

    model = MLP(in_features=4, out_features=1)
    features = torch.randn(256, 4)
    targets = torch.sin(features.sum(dim=1, keepdim=True))  # (256, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, loss {losses[0]:.3f} -> {losses[-1]:.3f}")
