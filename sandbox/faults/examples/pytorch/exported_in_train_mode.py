"""Learn which of three numbers is the largest, and export the model."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(320, 3)
y = x.argmax(dim=1)
model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(6):
    for rows in torch.randperm(320).split(32):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.train()  # WRONG
model.eval()  # RIGHT
torch.jit.trace(model, x[:8], check_trace=False).save("model.pt")
