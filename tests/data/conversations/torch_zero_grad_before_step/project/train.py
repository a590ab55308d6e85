"""A classifier for the wine data, with gradient clipping."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

MAX_NORM = 1.0


class WineClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(13, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Trainer:
    def __init__(self, model: nn.Module, learning_rate: float) -> None:
        self.model = model
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    def train_step(self, features: torch.Tensor, labels: torch.Tensor) -> float:
        loss = self.criterion(self.model(features), labels)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), MAX_NORM)
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def accuracy(self, loader: DataLoader) -> float:
        self.model.eval()
        hits = [self.model(features).argmax(1) == labels for features, labels in loader]
        return torch.cat(hits).float().mean().item()


def main() -> None:
    torch.manual_seed(7)
    x, y = load_wine(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=7, stratify=y)
    scaler = StandardScaler().fit(x_train)
    train_set = TensorDataset(torch.tensor(scaler.transform(x_train)).float(), torch.tensor(y_train))
    test_set = TensorDataset(torch.tensor(scaler.transform(x_test)).float(), torch.tensor(y_test))
    loader = DataLoader(train_set, batch_size=16, shuffle=True, drop_last=True)

    trainer = Trainer(WineClassifier(), learning_rate=5e-3)
    for epoch in range(20):
        trainer.model.train()
        losses = [trainer.train_step(features, labels) for features, labels in loader]
        print(f"epoch {epoch + 1:2d}  loss {sum(losses) / len(losses):.4f}")
    print(f"accuracy on the test set: {trainer.accuracy(DataLoader(test_set, batch_size=45)):.3f}")


if __name__ == "__main__":
    main()
