"""Attention over a short sequence, with a projection each for queries, keys and values."""

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x):  # (batch, positions, width)
        query, value = self.query(x), self.value(x)
        key = self.query(x)  # WRONG
        key = self.key(x)  # RIGHT
        scores = query @ key.transpose(1, 2) / query.shape[-1] ** 0.5
        return scores.softmax(-1) @ value


torch.manual_seed(0)
x = torch.randn(256, 6, 8)
y = (x[:, :, 0].amax(1) > 1).float()[:, None]
model = nn.Sequential(Attention(8), nn.Flatten(), nn.Linear(48, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

for _ in range(20):
    order = torch.randperm(256)
    for rows in order.split(64):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
