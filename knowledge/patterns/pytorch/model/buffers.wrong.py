"""Statistics as plain attributes: they are not saved, and the loaded model works with the defaults."""

import torch
from torch import nn


class Standardised(nn.Module):
    """A linear layer on scaled features."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 1)
        self.mean, self.std = torch.zeros(3), torch.ones(3)  # wrong: register_buffer

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.linear((features - self.mean) / self.std)


torch.manual_seed(0)
features = 100 + 20 * torch.randn(256, 3)
model = Standardised()
model.mean, model.std = features.mean(dim=0), features.std(dim=0)
loaded = Standardised()
loaded.load_state_dict(model.state_dict())  # nothing is reported as missing
difference = (loaded(features) - model(features)).abs().max().item()
assert difference < 1e-4, f"the loaded model scales its inputs differently: outputs are off by up to {difference:.0f}"
