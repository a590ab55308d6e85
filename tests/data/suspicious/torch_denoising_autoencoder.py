"""Right although the target is the input and no label exists: an auto-encoder restores what noise has hidden."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn


def spoil(images: Tensor) -> Tensor:
    """Black out a random quarter of the pixels."""
    return images * (torch.rand_like(images) > 0.25)


def main() -> None:
    torch.manual_seed(27)
    images = torch.from_numpy(load_digits().data).float() / 16.0
    images = images[torch.randperm(len(images))]
    train, test = images[:1440], images[1440:]
    spoiled_test = spoil(test)
    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 20))
    decoder = nn.Sequential(nn.ReLU(), nn.Linear(20, 64), nn.Sigmoid())
    model = nn.Sequential(encoder, decoder)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(8):
        total = 0.0
        for rows in torch.randperm(len(train)).split(40):
            clean = train[rows]
            loss = F.mse_loss(model(spoil(clean)), clean)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        with torch.no_grad():
            error = F.mse_loss(model(spoiled_test), test).item()
        print(f"epoch {epoch}: loss {total / len(train):.4f}, held-out {error:.4f}")
    print(f"leaving the spoiled images as they are: {F.mse_loss(spoiled_test, test).item():.4f}")


if __name__ == "__main__":
    main()
