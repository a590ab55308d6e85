"""Right although the large weights are frozen and half of the small ones start at zero: low-rank adaptation (LoRA)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LowRank(nn.Module):
    """A fixed linear layer plus a learned update of rank `rank`, which is nothing at first."""

    def __init__(self, base: nn.Linear, rank: int = 4) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + x @ self.a.T @ self.b.T


def fit(model: nn.Module, x: Tensor, y: Tensor, *, epochs: int) -> None:
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trainable, lr=5e-3)
    for epoch in range(epochs):
        losses = []
        for rows in torch.randperm(len(x)).split(50):
            loss = F.mse_loss(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: {sum(p.numel() for p in trainable)} parameters, loss {sum(losses) / len(losses):.4f}")


def main() -> None:
    torch.manual_seed(22)
    x = torch.randn(1000, 6)
    first = torch.sin(x[:, :1] + x[:, 1:2])
    second = torch.sin(x[:, :1] - 0.5 * x[:, 2:3])
    model = nn.Sequential(nn.Linear(6, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    fit(model, x[:800], first[:800], epochs=5)
    for index in (0, 2, 4):
        model[index] = LowRank(model[index])
    fit(model, x[:800], second[:800], epochs=10)
    with torch.no_grad():
        error = F.mse_loss(model(x[800:]), second[800:]).item()
    print(f"held-out error {error:.4f}, variance of the target {second[800:].var().item():.4f}")


if __name__ == "__main__":
    main()
