"""Right although most parameters never move and the backbone stays in evaluation mode: only the head learns."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn


class FineTuned(nn.Module):
    """A fixed feature extractor, whose BatchNorm keeps its statistics, and a head that learns."""

    def __init__(self, backbone: nn.Module, features: int, classes: int) -> None:
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.head = nn.Linear(features, classes)

    def train(self, mode: bool = True) -> "FineTuned":
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x))


def fit(model: nn.Module, x: Tensor, y: Tensor, *, epochs: int, lr: float) -> None:
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    for epoch in range(epochs):
        model.train()
        losses = []
        for rows in torch.randperm(len(y))[: len(y) // 32 * 32].split(32):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}")


def main() -> None:
    torch.manual_seed(6)
    pixels, digits = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    pixels = pixels.float() / 8.0 - 1.0
    old, new = torch.nonzero(digits < 7).squeeze(1), torch.nonzero(digits >= 7).squeeze(1)
    new = new[torch.randperm(len(new))]
    train, test = new[:380], new[380:]
    backbone = nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU())
    fit(nn.Sequential(backbone, nn.Linear(96, 7)), pixels[old], digits[old], epochs=3, lr=3e-3)
    model = FineTuned(backbone, 96, 3)
    fit(model, pixels[train], digits[train] - 7, epochs=8, lr=5e-3)
    model.eval()
    with torch.no_grad():
        accuracy = (model(pixels[test]).argmax(1) == digits[test] - 7).float().mean().item()
    print(f"held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
