"""Learn from points that are moved at random each time they are asked for."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Moved(Dataset):
    """Points in six dimensions, and which of the first three numbers is the largest."""

    def __init__(self):
        self.points = np.random.default_rng(0).normal(size=(400, 6)).astype(np.float32)
        self.noise = np.random.default_rng(1)  # WRONG

    def __len__(self):
        return len(self.points)

    def __getitem__(self, index):
        point = self.points[index]
        noise = torch.from_numpy(self.noise.normal(size=6).astype(np.float32))  # WRONG
        noise = torch.randn(6)  # RIGHT
        return torch.from_numpy(point) + 0.1 * noise, int(point[:3].argmax())


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(Moved(), batch_size=40, shuffle=True, num_workers=2)
    for _ in range(3):
        for x, y in loader:
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
