"""Try two hidden sizes on the breast cancer data, and train the better one to its end."""

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def make_model(hidden: int) -> nn.Module:
    return nn.Sequential(nn.Linear(30, hidden), nn.ReLU(), nn.Linear(hidden, 2))


def train(model: nn.Module, optimizer: torch.optim.Optimizer, loader: DataLoader, epochs: int) -> None:
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for features, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(features), labels)
            loss.backward()
            optimizer.step()


def evaluate(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    with torch.no_grad():
        correct = sum((model(features).argmax(1) == labels).sum().item() for features, labels in loader)
    return correct / len(loader.dataset)


def as_dataset(scaler: StandardScaler, x, y) -> TensorDataset:
    return TensorDataset(torch.tensor(scaler.transform(x), dtype=torch.float32), torch.tensor(y))


def main() -> None:
    torch.manual_seed(0)
    x, y = load_breast_cancer(return_X_y=True)
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
    x_train, x_val, y_train, y_val = train_test_split(x_rest, y_rest, test_size=0.2, random_state=0, stratify=y_rest)
    scaler = StandardScaler().fit(x_train)
    train_loader = DataLoader(as_dataset(scaler, x_train, y_train), batch_size=32, shuffle=True)
    val_loader = DataLoader(as_dataset(scaler, x_val, y_val), batch_size=128)
    test_loader = DataLoader(as_dataset(scaler, x_test, y_test), batch_size=128)

    scores = {}
    for hidden in (16, 64):
        candidate = make_model(hidden)
        train(candidate, torch.optim.Adam(candidate.parameters(), lr=1e-3), train_loader, epochs=2)
        scores[hidden] = evaluate(candidate, val_loader)
        print(f"hidden {hidden}: validation accuracy {scores[hidden]:.3f}")

    best = max(scores, key=scores.get)
    model = make_model(best)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    train(model, optimizer, train_loader, epochs=10)
    print(f"hidden {best}: test accuracy {evaluate(model, test_loader):.3f}")


if __name__ == "__main__":
    main()
