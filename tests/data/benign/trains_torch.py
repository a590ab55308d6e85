"""A few steps of a small CNN, with DataLoader workers and TensorBoard."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter

model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10))
optimizer = torch.optim.Adam(model.parameters())
data = TensorDataset(torch.rand(64, 1, 8, 8), torch.randint(0, 10, (64,)))
with SummaryWriter("runs/one") as writer:
    for step, (x, y) in enumerate(DataLoader(data, batch_size=16, num_workers=2)):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        writer.add_scalar("loss", loss.item(), step)
torch.save(model.state_dict(), "model.pt")
print("trained", step + 1)
