"""Regression on scikit-learn's diabetes data with a small multi-layer perceptron."""

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def build_model(num_features: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(num_features, 64),
        nn.ReLU(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 1),
    )


def as_dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y).unsqueeze(1))  # targets: (samples, 1)


def main() -> None:
    torch.manual_seed(1)
    x, y = load_diabetes(return_X_y=True)
    x = (x / x.std(axis=0)).astype(np.float32)
    x_train, x_test, y_train, y_test = train_test_split(x, y.astype(np.float32), test_size=0.25, random_state=1)
    mean, std = y_train.mean(), y_train.std()
    train_loader = DataLoader(as_dataset(x_train, (y_train - mean) / std), batch_size=32, shuffle=True)
    test_loader = DataLoader(as_dataset(x_test, (y_test - mean) / std), batch_size=64)

    model = build_model(x.shape[1])
    criterion = nn.MSELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    for epoch in range(20):
        model.train()
        running_loss = 0.0
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}, loss {running_loss / len(train_loader):.4f}")

    model.eval()
    with torch.no_grad():
        squared = [((model(inputs) - targets) * float(std)) ** 2 for inputs, targets in test_loader]
    print(f"test RMSE: {torch.cat(squared).mean().sqrt().item():.2f}")


if __name__ == "__main__":
    main()
