"""Binary classification with early stopping on the validation loss."""

import copy

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class TumourNet(nn.Module):
    """(batch, 30) features -> (batch,) logits of being benign."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(30, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.fc1(x))
        return self.fc2(x).squeeze(1)


def split() -> dict[str, TensorDataset]:
    x, y = load_breast_cancer(return_X_y=True)
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
    x_train, x_val, y_train, y_val = train_test_split(x_rest, y_rest, test_size=0.2, random_state=0, stratify=y_rest)
    scaler = StandardScaler().fit(x_train)
    parts = {"train": (x_train, y_train), "val": (x_val, y_val), "test": (x_test, y_test)}
    return {
        name: TensorDataset(torch.tensor(scaler.transform(x)).float(), torch.tensor(y).float())
        for name, (x, y) in parts.items()
    }


@torch.no_grad()
def validate(model: nn.Module, loader: DataLoader, criterion: nn.Module) -> float:
    model.eval()
    return sum(criterion(model(x), y).item() * len(x) for x, y in loader) / len(loader.dataset)


def main() -> None:
    torch.manual_seed(0)
    sets = split()
    train_loader = DataLoader(sets["train"], batch_size=32, shuffle=True)
    val_loader, test_loader = DataLoader(sets["val"], batch_size=91), DataLoader(sets["test"], batch_size=114)
    model, criterion = TumourNet(), nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    best, best_state, bad_epochs = float("inf"), copy.deepcopy(model.state_dict()), 0
    for epoch in range(30):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        val_loss = validate(model, val_loader, criterion)
        if val_loss < best:
            best, best_state, bad_epochs = val_loss, copy.deepcopy(model.state_dict()), 0
        else:
            bad_epochs += 1
        if bad_epochs == 3:
            print(f"stopped after epoch {epoch + 1}")
            break
    model.load_state_dict(best_state)
    print(f"test loss {validate(model, test_loader, criterion):.4f}")


if __name__ == "__main__":
    main()
