"""The optimiser is made before the head is replaced: it goes on updating the old head, which nothing uses."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 100))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)  # wrong: make it after the model is finished
model[2] = nn.Linear(8, 3)
before = model[2].weight.clone()

for _ in range(10):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(torch.randn(16, 4)), torch.randint(0, 3, (16,))).backward()
    optimizer.step()
assert not torch.equal(before, model[2].weight), "the new head did not train"
