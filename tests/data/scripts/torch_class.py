"""A class-based trainer on scikit-learn's digits, with validation, TensorBoard, a checkpoint and a test pass."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split
from torch.utils.tensorboard import SummaryWriter


class DigitNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(16 * 4 * 4, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x))


class Trainer:
    def __init__(self, model: nn.Module, train: DataLoader, val: DataLoader) -> None:
        self.model, self.train_loader, self.val_loader = model, train, val
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=4)
        self.writer = SummaryWriter("runs/digits")

    def fit(self, epochs: int) -> None:
        best = 0.0
        for epoch in range(epochs):
            loss = self.train_one_epoch()
            accuracy = self.evaluate(self.val_loader)
            self.schedule.step()
            self.writer.add_scalar("loss/train", loss, epoch)
            self.writer.add_scalar("accuracy/val", accuracy, epoch)
            if accuracy > best:
                best = accuracy
                torch.save({"model": self.model.state_dict(), "epoch": epoch}, "best.pt")
        self.writer.close()

    def train_one_epoch(self) -> float:
        self.model.train()
        total = 0.0
        for x, y in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(x)
        return total / len(self.train_loader.dataset)

    @torch.no_grad()
    def evaluate(self, loader: DataLoader) -> float:
        self.model.eval()
        correct = sum((self.model(x).argmax(1) == y).sum().item() for x, y in loader)
        return correct / len(loader.dataset)


def main() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    x = torch.from_numpy((digits.images / 16.0).astype(np.float32))[:, None]
    y = torch.from_numpy(digits.target)
    train, val, test = random_split(TensorDataset(x, y), [1197, 300, 300])
    trainer = Trainer(DigitNet(), DataLoader(train, 64, shuffle=True), DataLoader(val, 128))
    trainer.fit(4)
    trainer.model.load_state_dict(torch.load("best.pt", weights_only=True)["model"])
    print(f"test accuracy {trainer.evaluate(DataLoader(test, 128)):.3f}")


if __name__ == "__main__":
    main()
