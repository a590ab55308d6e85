"""Right although every row of the loss depends on the whole batch: the other rows are the negatives of InfoNCE."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def pairs(count: int, generator: torch.Generator, mix_a: Tensor, mix_b: Tensor) -> tuple[Tensor, Tensor]:
    """Return two noisy views (count, 20) of the same hidden causes (count, 5)."""
    causes = torch.randn(count, 5, generator=generator)
    noise = 0.2 * torch.randn(2, count, 20, generator=generator)
    return torch.tanh(causes @ mix_a) + noise[0], torch.tanh(causes @ mix_b) + noise[1]


def info_nce(a: Tensor, b: Tensor, temperature: float = 0.1) -> Tensor:
    similarity = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature  # (N, N)
    partners = torch.arange(len(a))
    return 0.5 * (F.cross_entropy(similarity, partners) + F.cross_entropy(similarity.T, partners))


def main() -> None:
    torch.manual_seed(8)
    generator = torch.Generator().manual_seed(8)
    mix_a, mix_b = torch.randn(2, 5, 20, generator=generator)
    train_a, train_b = pairs(1500, generator, mix_a, mix_b)
    test_a, test_b = pairs(100, generator, mix_a, mix_b)
    encoders = nn.ModuleList([nn.Sequential(nn.Linear(20, 48), nn.ReLU(), nn.Linear(48, 8)) for _ in range(2)])
    optimizer = torch.optim.Adam(encoders.parameters(), lr=3e-3)
    for epoch in range(8):
        losses = []
        for rows in torch.randperm(len(train_a)).split(60):
            loss = info_nce(encoders[0](train_a[rows]), encoders[1](train_b[rows]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            scores = F.normalize(encoders[0](test_a), dim=1) @ F.normalize(encoders[1](test_b), dim=1).T
            found = (scores.argmax(dim=1) == torch.arange(100)).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, partner found for {found:.2f} of held-out rows")


if __name__ == "__main__":
    main()
