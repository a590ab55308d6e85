"""Right although no optimiser exists: the update is written by hand on the parameters' data."""

import torch
from torch import nn


def main(lr: float = 0.1) -> None:
    torch.manual_seed(1)
    x = torch.rand(800, 2) * 4.0 - 2.0
    y = (torch.sin(x[:, :1]) * x[:, 1:]) + 0.05 * torch.randn(800, 1)
    train_x, train_y, test_x, test_y = x[:600], y[:600], x[600:], y[600:]
    model = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 1))
    criterion = nn.MSELoss()
    for epoch in range(60):
        total = 0.0
        for rows in torch.randperm(len(train_x)).split(30):
            loss = criterion(model(train_x[rows]), train_y[rows])
            for parameter in model.parameters():
                parameter.grad = None
            loss.backward()
            for parameter in model.parameters():
                parameter.data -= lr * parameter.grad
            total += loss.item() * len(rows)
        if epoch % 20 == 19:
            with torch.no_grad():
                held_out = criterion(model(test_x), test_y).item()
            print(f"epoch {epoch}: loss {total / len(train_x):.4f}, held-out {held_out:.4f}")


if __name__ == "__main__":
    main()
