"""A checkpoint of the weights alone: Adam starts anew after the restart."""

import torch
from torch import nn

torch.manual_seed(0)
features = torch.randn(64, 4)
targets = features.sum(dim=1, keepdim=True)


def step(model: nn.Module, optimizer: torch.optim.Optimizer) -> float:
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(features), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


model = nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
for _ in range(10):
    step(model, optimizer)

resumed = nn.Linear(4, 1)
resumed.load_state_dict(model.state_dict())
fresh = torch.optim.Adam(resumed.parameters(), lr=0.1)  # wrong: load_state_dict(optimizer.state_dict()) as well
uninterrupted_loss = [step(model, optimizer) for _ in range(3)][-1]
resumed_loss = [step(resumed, fresh) for _ in range(3)][-1]
assert resumed_loss == uninterrupted_loss, f"the resumed run differs: {resumed_loss:.4f}, not {uninterrupted_loss:.4f}"
