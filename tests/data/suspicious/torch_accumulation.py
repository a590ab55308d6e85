"""Right although gradients pile up: four backward passes of a quarter of the loss precede every step."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

ACCUMULATE = 4


def main() -> None:
    torch.manual_seed(0)
    pixels, digits = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    pixels = pixels.float() / 8.0 - 1.0
    order = torch.randperm(len(digits))
    train, test = order[:1408], order[1408:]
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    for epoch in range(8):
        model.train()
        total = 0.0
        shuffled = train[torch.randperm(len(train))]
        for index, rows in enumerate(shuffled.split(16), start=1):  # 88 batches, 22 steps
            loss = F.cross_entropy(model(pixels[rows]), digits[rows])
            (loss / ACCUMULATE).backward()
            if index % ACCUMULATE == 0:
                optimizer.step()
                model.zero_grad()  # the model's own method clears the same gradients
            total += loss.item() * len(rows)
        model.eval()
        with torch.no_grad():
            accuracy = (model(pixels[test]).argmax(1) == digits[test]).float().mean().item()
        print(f"epoch {epoch}: loss {total / len(train):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
