"""An autoencoder that compresses 8x8 digits to 16 numbers."""

import torch
from sklearn.datasets import load_digits
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


def main() -> None:
    torch.manual_seed(0)
    pixels = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
    train_set, test_set = random_split(TensorDataset(pixels, pixels), [640, len(pixels) - 640])
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
    print(f"mean squared error on held-out digits: {error / (64 * len(test_set)):.5f}")


if __name__ == "__main__":
    main()
