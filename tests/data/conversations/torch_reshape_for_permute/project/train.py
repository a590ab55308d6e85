"""Forecast noisy sine waves one step ahead."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from model import Forecaster

STEPS = 24


def make_waves(samples: int, seed: int) -> TensorDataset:
    random = torch.Generator().manual_seed(seed)
    phase = 2 * math.pi * torch.rand(samples, 1, generator=random)
    speed = 0.2 + 0.3 * torch.rand(samples, 1, generator=random)
    waves = torch.sin(phase + speed * torch.arange(STEPS + 1)) + 0.02 * torch.randn(
        samples, STEPS + 1, generator=random
    )
    return TensorDataset(waves[:, :-1].unsqueeze(-1), waves[:, -1])


def main() -> None:
    torch.manual_seed(0)
    train_loader = DataLoader(make_waves(800, seed=0), batch_size=32, shuffle=True)
    test_loader = DataLoader(make_waves(200, seed=1), batch_size=100)
    model = Forecaster()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(6):
        model.train()
        for history, following in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(history), following)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.5f}")
    model.eval()
    with torch.no_grad():
        error = sum(((model(history) - following) ** 2).sum().item() for history, following in test_loader)
    print(f"test MSE {error / len(test_loader.dataset):.5f}")


if __name__ == "__main__":
    main()
