import torch
from sklearn.datasets import make_regression
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Regressor(nn.Module):
    """Maps (batch, 10) features to (batch, 1) predictions."""

    def __init__(self, in_features: int, hidden: int = 64) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(in_features, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


def prepare_data() -> tuple[DataLoader, DataLoader]:
    features, target = make_regression(n_samples=600, n_features=10, noise=5.0, random_state=0)
    target = (target - target.mean()) / target.std()
    x_train, x_val, y_train, y_val = train_test_split(features, target, test_size=0.2, random_state=0)

    def loader(x, y, shuffle: bool) -> DataLoader:
        dataset = TensorDataset(torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32))
        return DataLoader(dataset, batch_size=32, shuffle=shuffle)

    return loader(x_train, y_train, True), loader(x_val, y_val, False)


def main() -> None:
    torch.manual_seed(0)
    train_loader, val_loader = prepare_data()
    model = Regressor(in_features=10)
    loss_fn = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    for epoch in range(15):
        model.train()
        for x, y in train_loader:
            prediction = model(x).squeeze(1)
            loss = ((prediction - y) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        model.eval()
        with torch.no_grad():
            val_loss = sum(loss_fn(model(x).squeeze(1), y).item() for x, y in val_loader) / len(val_loader)
        print(f"Epoch {epoch + 1:02d} | train loss {loss.item():.4f} | val loss {val_loss:.4f}")


if __name__ == "__main__":
    main()
