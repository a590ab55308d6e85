"""Softmax regression on standardised digits."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def standardise(train: torch.Tensor, test: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both sets with the mean and standard deviation of the training pixels."""
    mean = train.mean(dim=0)
    std = train.std(dim=0).clamp_min(1e-6)  # some pixels are never inked
    return (train - mean) / std, (test - mean) / std


def main() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    order = torch.randperm(len(digits.target))
    pixels = torch.tensor(digits.data, dtype=torch.float32)[order]
    labels = torch.tensor(digits.target)[order]
    x_train, x_test = standardise(pixels[:1400], pixels[1400:])
    train_loader = DataLoader(TensorDataset(x_train, labels[:1400]), batch_size=50, shuffle=True)
    test_loader = DataLoader(TensorDataset(x_test, labels[1400:]), batch_size=100)

    model = nn.Linear(64, 10)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for epoch in range(8):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: {loss.item():.4f}")

    model.eval()
    with torch.no_grad():
        correct = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print(f"test accuracy {correct / len(x_test):.3f}")


if __name__ == "__main__":
    main()
