"""Right although dropout stays on after training: its spread is the uncertainty of the forecast (MC dropout)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def monte_carlo(model: nn.Module, x: Tensor, samples: int = 30) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of forecasts with dropout on, each (N, 1)."""
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.train()
    with torch.no_grad():
        draws = torch.stack([model(x) for _ in range(samples)])
    return draws.mean(dim=0), draws.std(dim=0)


def main() -> None:
    torch.manual_seed(18)
    x = 4.0 * torch.rand(900, 1) - 2.0
    y = torch.sin(2.0 * x) + 0.1 * torch.randn_like(x)
    train_x, train_y, test_x, test_y = x[:700], y[:700], x[700:], y[700:]
    layers = [nn.Linear(1, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1)]
    model = nn.Sequential(*layers, nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(20):
        model.train()
        losses = []
        for rows in torch.randperm(len(train_x)).split(50):
            loss = F.mse_loss(model(train_x[rows]), train_y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        if epoch % 5 == 4:
            mean, deviation = monte_carlo(model, test_x)
            error = F.mse_loss(mean, test_y).item()
            inside = ((mean - test_y).abs() < 2 * (deviation + 0.1)).float().mean().item()
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}, held-out {error:.4f}, covered {inside:.2f}")


if __name__ == "__main__":
    main()
