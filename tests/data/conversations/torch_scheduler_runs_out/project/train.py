"""Train an MLP on the wine data under a one-cycle learning-rate schedule."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 20
MAX_LR = 0.01


def load_data() -> tuple[TensorDataset, TensorDataset]:
    x, y = load_wine(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=3)
    scaler = StandardScaler().fit(x_train)
    x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)
    return (
        TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train)),
        TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test)),
    )


def main() -> None:
    torch.manual_seed(3)
    train_set, test_set = load_data()
    train_loader = DataLoader(train_set, batch_size=16, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=64)

    model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=MAX_LR)
    scheduler = OneCycleLR(optimizer, max_lr=MAX_LR, total_steps=EPOCHS * len(train_loader))

    for epoch in range(EPOCHS):
        model.train()
        for features, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(features), labels)
            loss.backward()
            optimizer.step()
            scheduler.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}, lr {scheduler.get_last_lr()[0]:.2e}")

    model.eval()
    with torch.no_grad():
        correct = sum((model(features).argmax(1) == labels).sum().item() for features, labels in test_loader)
    print(f"test accuracy: {correct / len(test_set):.3f}")


if __name__ == "__main__":
    main()
