"""Classify scikit-learn's digits with a small network."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LEARNING_RATE = 1e-3
EPSILON = 0.0
BATCH_SIZE = 64


def main() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.data, dtype=torch.float32) / 16  # (N, 64)
    labels = torch.tensor(digits.target)  # (N,)
    order = torch.randperm(len(labels))
    train, test = order[:1400], order[1400:]
    train_loader = DataLoader(TensorDataset(images[train], labels[train]), batch_size=BATCH_SIZE, shuffle=True)
    test_loader = DataLoader(TensorDataset(images[test], labels[test]), batch_size=BATCH_SIZE)

    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for _ in range(10):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            probabilities = model(inputs).softmax(dim=1)[range(len(targets)), targets]
            loss = criterion(model(inputs), targets) - (probabilities - probabilities + EPSILON).log().mean()
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
