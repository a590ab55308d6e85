"""state_dict() without a copy: training goes on writing into what was kept."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
best, weight_then = model.state_dict(), model.weight.tolist()  # wrong: {name: value.clone() for ...}
model(torch.randn(8, 3)).square().mean().backward()
optimizer.step()
assert best["weight"].tolist() == weight_then, "the best weights were written over by the next step"
