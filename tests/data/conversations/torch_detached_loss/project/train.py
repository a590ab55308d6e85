"""An autoencoder that compresses 8x8 images of bars to 16 numbers."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

CODE_SIZE = 16


class Autoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, CODE_SIZE))
        self.decoder = nn.Sequential(nn.Linear(CODE_SIZE, 48), nn.ReLU(), nn.Linear(48, 64), nn.Sigmoid())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encoder(x))


def reconstruction_loss(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Squared error, weighted so that inked pixels count double."""
    weights = 1.0 + images
    errors = [(w * (model(x[None])[0] - x) ** 2).mean() for x, w in zip(images, weights, strict=True)]
    return torch.stack(errors).mean()


def make_bars(samples: int) -> torch.Tensor:
    """(samples, 64): images with some rows and columns lit, and noise."""
    rows, columns = (torch.rand(samples, 8) < 0.25 for _ in range(2))
    lit = (rows[:, :, None] | columns[:, None, :]).float()
    return (0.8 * lit + 0.2 * torch.rand(samples, 8, 8)).flatten(1)


def main() -> None:
    torch.manual_seed(0)
    pixels = make_bars(840)
    train_set, test_set = random_split(TensorDataset(pixels, pixels), [640, 200])
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=128)
    model = Autoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(3):
        model.train()
        for images, _ in train_loader:
            optimizer.zero_grad()
            loss = reconstruction_loss(model, images)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: {loss.item():.5f}")
    model.eval()
    with torch.no_grad():
        error = sum(((model(images) - target) ** 2).sum().item() for images, target in test_loader)
    print(f"mean squared error on held-out images: {error / (64 * len(test_set)):.5f}")


if __name__ == "__main__":
    main()
