"""Tell apart points inside and outside of a circle with a deep, narrow network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 2)
y = (x.norm(dim=1) > 1.2).long()
layers = [nn.Linear(2, 16)]
for _ in range(8):
    layers += [nn.Sigmoid(), nn.Linear(16, 16)]  # WRONG
    layers += [nn.ReLU(), nn.LayerNorm(16), nn.Linear(16, 16)]  # RIGHT
model = nn.Sequential(*layers, nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
