"""The best weights are kept by reference: training goes on changing them."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
best = model.state_dict()  # wrong: copy.deepcopy(model.state_dict()), or torch.save
value = best["weight"].sum().item()

nn.functional.mse_loss(model(torch.randn(8, 4)), torch.randn(8, 1)).backward()
optimizer.step()
assert best["weight"].sum().item() == value, "the best weights changed with the next training step"
