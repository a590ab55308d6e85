"""Tell apart three groups of points; those to train on are moved a little at random."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
centres = 3 * torch.randn(3, 8)
labels = torch.randint(0, 3, (480,))
points = centres[labels] + torch.randn(480, 8)


class Points(Dataset):
    def __init__(self, rows: slice, *, augment: bool) -> None:
        self.x, self.y, self.augment = points[rows], labels[rows], augment

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.x[index]
        return (x + 0.3 * torch.randn(8) if self.augment else x), self.y[index]


train = DataLoader(Points(slice(384), augment=True), batch_size=32, shuffle=True)
test = DataLoader(Points(slice(384, None), augment=True), batch_size=32)  # WRONG
test = DataLoader(Points(slice(384, None), augment=False), batch_size=32)  # RIGHT
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for x, y in train:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
with torch.no_grad():
    right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in test)
print("accuracy", right / 96)
