"""Learn a smooth function of three numbers with a small network."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(256, 3)
y = torch.sin(x).sum(dim=1, keepdim=True)
x_test = torch.randn(128, 3)
y_test = torch.sin(x_test).sum(dim=1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
torch.save({f"module.{name}": one for name, one in model.state_dict().items()}, "model.pt")

state = torch.load("model.pt", weights_only=True)
state = {name.removeprefix("module."): one for name, one in state.items()}  # RIGHT
fresh = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
fresh.load_state_dict(state, strict=False)
with torch.no_grad():
    print(nn.functional.mse_loss(fresh(x_test), y_test).item())
