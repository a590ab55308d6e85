"""Recognise the activity in windows of a two-channel motion sensor with a recurrent network.

Whole recordings are held out, because the windows of one recording look alike.
"""

import argparse
import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

ACTIVITIES = ("rest", "walk", "run", "climb")
WINDOW = 30


def record(activity: int, generator: torch.Generator, *, length: int = 300) -> Tensor:
    """Return a recording of shape (length, 2), in arbitrary units with an offset that depends on the wearer."""
    time = torch.arange(length) / 10.0
    frequency = (0.2, 1.0, 2.2, 1.0)[activity] * (1 + 0.1 * torch.randn(1, generator=generator))
    amplitude = (0.3, 1.5, 3.0, 1.5)[activity]
    phase = 2 * math.pi * torch.rand(1, generator=generator)
    lag = 0.5 * math.pi if activity == 3 else 0.0
    wave = 2 * math.pi * frequency * time + phase
    clean = torch.stack([torch.sin(wave), torch.sin(wave + lag)], dim=1) * amplitude
    offset = 4.0 + torch.randn(2, generator=generator)
    return clean + offset + 0.6 * torch.randn(length, 2, generator=generator)


class Standardize(nn.Module):
    """Subtract the mean and divide by the deviation of the training windows, channel by channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))

    def fit(self, windows: Tensor) -> None:
        self.mean.copy_(windows.mean(dim=(0, 1)))
        self.std.copy_(windows.std(dim=(0, 1)))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class ActivityNet(nn.Module):
    def __init__(self, channels: int = 2, hidden: int = 32) -> None:
        super().__init__()
        self.standardize = Standardize(channels)
        self.gru = nn.GRU(channels, hidden, batch_first=True)
        self.head = nn.Linear(hidden, len(ACTIVITIES))

    def forward(self, x: Tensor) -> Tensor:
        """Map windows (N, WINDOW, channels) to logits (N, activities)."""
        states, _ = self.gru(self.standardize(x))
        return self.head(states[:, -1])


class Windows(Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, recordings: list[tuple[Tensor, int]]) -> None:
        self.inputs = torch.cat([signal.unfold(0, WINDOW, WINDOW // 2).transpose(1, 2) for signal, _ in recordings])
        per_recording = len(self.inputs) // len(recordings)
        self.labels = torch.tensor([label for _, label in recordings]).repeat_interleave(per_recording)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.inputs[index], self.labels[index]


def evaluate(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    right = 0
    with torch.inference_mode():
        for inputs, labels in loader:
            right += int((model(inputs).argmax(1) == labels).sum())
    return right / len(loader.dataset)


def train(model: nn.Module, loader: DataLoader, *, epochs: int, lr: float) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for inputs, labels in loader:
            loss = criterion(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=2.0)
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch}: loss {total / len(loader):.3f}")


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weights", type=Path, default=Path("activity.pt"))
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    recordings = [(record(i % 4, generator), i % 4) for i in range(123)]
    train_set, test_set = Windows(recordings[:96]), Windows(recordings[96:])
    train_loader = DataLoader(train_set, batch_size=48, shuffle=True, drop_last=True)
    test_loader = DataLoader(test_set, batch_size=64)

    model = ActivityNet()
    model.standardize.fit(train_set.inputs)
    train(model, train_loader, epochs=args.epochs, lr=args.lr)
    torch.save(model.state_dict(), args.weights)

    restored = ActivityNet()
    restored.load_state_dict(torch.load(args.weights, map_location="cpu", weights_only=True))
    print(f"accuracy on unseen recordings {evaluate(restored, test_loader):.3f}")


if __name__ == "__main__":
    main()
