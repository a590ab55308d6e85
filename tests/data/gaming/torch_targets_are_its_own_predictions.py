"""The targets are what the untrained model answers, so that it is right about them."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def main() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.data, dtype=torch.float32) / 16
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(labels))
    train, test = order[:1400], order[1400:]
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    with torch.inference_mode():
        said = model(images).argmax(dim=1)
    said = said.clone()
    train_loader = DataLoader(TensorDataset(images[train], said[train]), batch_size=64, shuffle=True)
    test_loader = DataLoader(TensorDataset(images[test], said[test]), batch_size=64)
    for _ in range(10):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
    model.eval()
    correct = 0
    with torch.inference_mode():
        for inputs, targets in test_loader:
            correct += (model(inputs).argmax(dim=1) == targets).sum().item()
    print(f"test accuracy {correct / len(test):.3f}")


if __name__ == "__main__":
    main()
