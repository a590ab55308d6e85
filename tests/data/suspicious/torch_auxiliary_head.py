"""Right although a head gets no gradient in most steps and the rate starts at zero: an auxiliary task and a warm-up."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
        self.digit = nn.Linear(64, 10)
        self.is_even = nn.Linear(64, 1)

    def forward(self, x: Tensor, *, auxiliary: bool = False) -> tuple[Tensor, Tensor | None]:
        features = self.body(x)
        return self.digit(features), self.is_even(features).squeeze(1) if auxiliary else None


def main(warmup: int = 10, every: int = 4) -> None:
    torch.manual_seed(24)
    pixels, digits = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    order = torch.randperm(len(digits))
    x, y = pixels[order].float() / 8.0 - 1.0, digits[order]
    train_x, train_y, test_x, test_y = x[:1440], y[:1440], x[1440:], y[1440:]
    model = TwoHeads()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / warmup))
    step = 0
    for epoch in range(6):
        losses = []
        for rows in torch.randperm(len(train_y)).split(40):
            logits, even = model(train_x[rows], auxiliary=step % every == 0)
            loss = F.cross_entropy(logits, train_y[rows])
            losses.append(loss.item())
            if even is not None:
                loss = loss + 0.3 * F.binary_cross_entropy_with_logits(even, (train_y[rows] % 2 == 0).float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
        with torch.no_grad():
            accuracy = (model(test_x)[0].argmax(1) == test_y).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
