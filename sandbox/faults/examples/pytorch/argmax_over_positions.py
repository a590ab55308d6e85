"""Choose a class for each position of a sequence."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(256, 1, 12)
y = (x[:, 0] > 0).long()  # (samples, positions)
train = DataLoader(TensorDataset(x[:192], y[:192]), batch_size=32, shuffle=True)
model = nn.Sequential(nn.Conv1d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv1d(8, 2, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for inputs, targets in train:
        loss = nn.functional.cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    scores = model(x[192:])  # (samples, classes, positions)
chosen = scores.argmax(-1)  # WRONG
chosen = scores.argmax(1)  # RIGHT
print(chosen.shape)
