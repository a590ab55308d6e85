"""Learn a sum of three numbers by gradient descent."""

import torch
from torch import nn
from torch.utils.data import Dataloader, TensorDataset  # WRONG
from torch.utils.data import DataLoader, TensorDataset  # RIGHT

torch.manual_seed(0)
x = torch.randn(256, 3)
data = TensorDataset(x, x.sum(dim=1, keepdim=True))
loader = Dataloader(data, batch_size=32, shuffle=True)  # WRONG
loader = DataLoader(data, batch_size=32, shuffle=True)  # RIGHT
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for _ in range(5):
    for inputs, targets in loader:
        loss = nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
