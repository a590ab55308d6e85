"""Log the mean loss of each epoch."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(0)
y = torch.arange(320) % 2
x = torch.randn(320, 4) + 1.5 * y[:, None]
train = DataLoader(TensorDataset(x[:256], y[:256]), batch_size=32, shuffle=True)
model = nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
writer = SummaryWriter("runs")

for epoch in range(5):
    total = 0.0
    for inputs, targets in train:
        loss = nn.functional.cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    writer.add_scalar("loss/train", loss.item(), epoch)  # WRONG
    writer.add_scalar("loss/train", total / len(train), epoch)  # RIGHT
writer.close()
