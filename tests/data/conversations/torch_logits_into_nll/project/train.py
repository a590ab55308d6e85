"""Tell sine waves from square waves and sawtooth waves with an LSTM."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

LENGTH = 32


def make_waves(samples: int) -> TensorDataset:
    """(samples, LENGTH, 1) noisy waves of random phase, and one of three labels each."""
    generator = torch.Generator().manual_seed(3)
    labels = torch.randint(0, 3, (samples,), generator=generator)
    phase = 2 * math.pi * torch.rand(samples, 1, generator=generator)
    time = torch.linspace(0, 4 * math.pi, LENGTH)[None] + phase
    shapes = torch.stack([time.sin(), time.sin().sign(), (time / math.pi) % 2 - 1], dim=1)
    waves = shapes[torch.arange(samples), labels] + 0.1 * torch.randn(samples, LENGTH, generator=generator)
    return TensorDataset(waves.unsqueeze(-1), labels)


class WaveLSTM(nn.Module):
    def __init__(self, hidden_size: int = 32, num_classes: int = 3) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, (hidden, _) = self.lstm(x)  # hidden: (1, batch, hidden_size)
        return torch.log_softmax(self.fc(hidden[-1]), dim=-1)


def main() -> None:
    torch.manual_seed(3)
    train_set, test_set = random_split(make_waves(900), [720, 180])
    train_loader = DataLoader(train_set, batch_size=48, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=90)
    model = WaveLSTM()
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(8):
        model.train()
        for waves, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(waves), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: {loss.item():.3f}")
    model.eval()
    with torch.no_grad():
        correct = sum((model(waves).argmax(-1) == labels).sum().item() for waves, labels in test_loader)
    print(f"test accuracy: {correct / len(test_set):.3f}")


if __name__ == "__main__":
    main()
