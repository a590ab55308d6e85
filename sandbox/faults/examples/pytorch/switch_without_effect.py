"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
body = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
head = nn.Linear(32, 1)
model = nn.Sequential(body, head)
state = {name: torch.randn_like(one) / 4 for name, one in body.state_dict().items()}
body.load_state_dict(state)
body.requires_grad = False  # WRONG
body.requires_grad_(False)  # RIGHT
optimizer = torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
