"""Right although nothing is shuffled and the state outlives its batch: truncated back-propagation through time."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Forecaster(nn.Module):
    def __init__(self, hidden: int = 24) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Map values (N, T, 1) to forecasts of the next value and the state after the last one."""
        outputs, state = self.lstm(x, state)
        return self.head(outputs), state


def main(span: int = 25) -> None:
    torch.manual_seed(16)
    time = torch.arange(1500.0)
    phases = 6.28 * torch.rand(8, 1)
    series = torch.sin(0.13 * time + phases) + 0.5 * torch.sin(0.31 * time + 2 * phases) + 0.05 * torch.randn(8, 1500)
    past, future = series[:, :1200].unsqueeze(-1), series[:, 1200:].unsqueeze(-1)  # the future is never trained on
    model = Forecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(4):
        model.train()
        state, losses = None, []
        for start in range(0, 1200 - span, span):
            chunk = past[:, start : start + span + 1]
            forecast, state = model(chunk[:, :-1], state)
            state = tuple(part.detach() for part in state)
            loss = F.mse_loss(forecast, chunk[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            forecast, _ = model(future[:, :-1], state)
            error = F.mse_loss(forecast, future[:, 1:]).item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}, error on the future {error:.4f}")


if __name__ == "__main__":
    main()
