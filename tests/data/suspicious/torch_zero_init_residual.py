"""Right although half of the layers start at zero with no gradient: each residual branch begins as nothing."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 2 * width)
        self.outer = nn.Linear(2 * width, width)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.outer(F.gelu(self.inner(self.norm(x))))


def make_rings(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    labels = torch.randint(3, (count,), generator=generator)
    angle = 6.2832 * torch.rand(count, generator=generator)
    radius = labels + 1.0 + 0.15 * torch.randn(count, generator=generator)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1), labels


def main() -> None:
    torch.manual_seed(5)
    generator = torch.Generator().manual_seed(5)
    x, y = make_rings(900, generator)
    test_x, test_y = make_rings(300, generator)
    model = nn.Sequential(nn.Linear(2, 24), Residual(24), Residual(24), nn.LayerNorm(24), nn.Linear(24, 3))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for epoch in range(10):
        model.train()
        losses = []
        for rows in torch.randperm(len(y), generator=generator).split(45):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            accuracy = (model(test_x).argmax(1) == test_y).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
