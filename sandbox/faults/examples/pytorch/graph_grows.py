"""Follow a noisy wave with a recurrent cell, ten values at a time."""

import torch
from torch import nn

torch.manual_seed(0)
wave = torch.sin(torch.arange(601) / 5) + 0.05 * torch.randn(601)
cell = nn.GRUCell(1, 16)
head = nn.Linear(16, 1)
optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=0.01)

state = torch.zeros(1, 16)
for start in range(0, 600, 10):
    state = state.detach()  # RIGHT
    loss = torch.zeros(())
    for place in range(start, start + 10):
        state = cell(wave[place].view(1, 1), state)
        loss = loss + (head(state).squeeze() - wave[place + 1]) ** 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
