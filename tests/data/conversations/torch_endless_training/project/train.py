"""Logistic regression on iris, trained until the loss is low enough or 200 epochs have passed."""

import torch
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TARGET_LOSS = 0.04
MAX_EPOCHS = 200


def main() -> None:
    torch.manual_seed(0)
    x, y = load_iris(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    train_set = TensorDataset(torch.tensor(x_train, dtype=torch.float32), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(x_test, dtype=torch.float32), torch.tensor(y_test))
    loader = DataLoader(train_set, batch_size=35, shuffle=True)

    model = nn.Linear(4, 3)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    mean_loss, epoch = float("inf"), 0
    while mean_loss > TARGET_LOSS and epoch < MAX_EPOCHS:
        model.train()
        total = 0.0
        for features, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(features), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        mean_loss = total / len(loader)
        epoch += 1
    print(f"loss {mean_loss:.4f} after {epoch} epochs")

    model.eval()
    with torch.no_grad():
        hits = [model(features).argmax(1) == labels for features, labels in DataLoader(test_set, batch_size=45)]
    print(f"test accuracy {torch.cat(hits).float().mean():.3f}")


if __name__ == "__main__":
    main()
