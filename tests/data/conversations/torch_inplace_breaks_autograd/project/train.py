"""Train the residual network on the digits."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from model import ResidualMLP


def main() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.data / 16.0, dtype=torch.float32), torch.tensor(digits.target))
    train_set, test_set = random_split(data, [1437, 360])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=120)
    model, criterion = ResidualMLP(), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for epoch in range(8):
        model.train()
        for pixels, labels in train_loader:
            loss = criterion(model(pixels), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            correct = sum((model(pixels).argmax(1) == labels).sum().item() for pixels, labels in test_loader)
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, test accuracy {correct / len(test_set):.3f}")


if __name__ == "__main__":
    main()
