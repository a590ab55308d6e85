"""An MLP of any depth on the digits."""

from itertools import pairwise

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

HIDDEN_SIZES = [96, 64, 48]


class DeepMLP(nn.Module):
    """(batch, 64) -> (batch, 10) logits, through one layer for each hidden size."""

    def __init__(self, hidden_sizes: list[int]) -> None:
        super().__init__()
        sizes = [64, *hidden_sizes]
        self.hidden = nn.ModuleList([nn.Linear(a, b) for a, b in pairwise(sizes)])
        self.output = nn.Linear(sizes[-1], 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.output(x)


def main() -> None:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / 16.0, y, test_size=0.2, random_state=0)
    train_set = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test))
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=128)

    model = DeepMLP(HIDDEN_SIZES)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(10):
        model.train()
        for pixels, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(pixels), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")

    model.eval()
    with torch.no_grad():
        correct = sum((model(pixels).argmax(1) == labels).sum().item() for pixels, labels in test_loader)
    print(f"test accuracy {correct / len(test_set):.4f}")


if __name__ == "__main__":
    main()
