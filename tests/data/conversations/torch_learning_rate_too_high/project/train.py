"""Linear regression on second-order features of the diabetes data."""

import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LEARNING_RATE = 1e-3


def main() -> None:
    torch.manual_seed(0)
    x, y = load_diabetes(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    features = make_pipeline(PolynomialFeatures(degree=2, include_bias=False), StandardScaler()).fit(x_train)

    def dataset(x, y) -> TensorDataset:
        target = torch.tensor((y - y_train.mean()) / y_train.std(), dtype=torch.float32)
        return TensorDataset(torch.tensor(features.transform(x), dtype=torch.float32), target[:, None])

    train_loader = DataLoader(dataset(x_train, y_train), batch_size=32, shuffle=True)
    test_loader = DataLoader(dataset(x_test, y_test), batch_size=64)
    model = nn.Linear(65, 1)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    for epoch in range(30):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
        if epoch % 10 == 0:
            print(f"epoch {epoch}: {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        error = sum(criterion(model(inputs), targets).item() * len(inputs) for inputs, targets in test_loader)
    print(f"test MSE (standardised): {error / len(test_loader.dataset):.4f}")


if __name__ == "__main__":
    main()
