"""The optimizer has the parameters of a model that is then replaced: nothing is raised, nothing is learnt."""

import torch
from torch import nn

torch.manual_seed(0)
inputs, labels = torch.randn(16, 8), torch.randint(0, 3, (16,))
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
model[2] = nn.Linear(64, 3)  # wrong: after the optimizer was made
model[0] = nn.Linear(8, 64)
for _ in range(200):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()
assert loss.item() < 0.05, f"cannot learn even one batch: the loss is {loss.item():.2f} after 200 steps"
