"""Truncated back-propagation through time over one long series."""

import torch
from torch import nn

CHUNK = 25


class SeriesRNN(nn.Module):
    """Keeps its state between chunks, so that a chunk starts where the last one ended."""

    def __init__(self, hidden_size: int = 32) -> None:
        super().__init__()
        self.rnn = nn.GRU(1, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: torch.Tensor, state: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        output, state = self.rnn(x, state)
        return self.head(output), state


def make_series(steps: int) -> torch.Tensor:
    """(4, steps, 1): four sums of two sine waves."""
    time = torch.arange(steps) / 10.0
    speeds = torch.tensor([[1.0, 0.31], [0.8, 0.23], [1.3, 0.37], [0.6, 0.19]])
    return (torch.sin(speeds[:, :1] * time) + 0.5 * torch.sin(speeds[:, 1:] * time)).unsqueeze(-1)


def main() -> None:
    torch.manual_seed(0)
    series = make_series(601)
    train, test = series[:, :451], series[:, 450:]
    model = SeriesRNN()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(6):
        model.train()
        state = None
        for start in range(0, 450, CHUNK):
            inputs, targets = train[:, start : start + CHUNK], train[:, start + 1 : start + CHUNK + 1]
            prediction, state = model(inputs, state)
            state = state.detach()
            loss = criterion(prediction, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.5f}")
    model.eval()
    with torch.no_grad():
        prediction, _ = model(test[:, :-1], None)
        print(f"test MSE {criterion(prediction, test[:, 1:]).item():.5f}")


if __name__ == "__main__":
    main()
