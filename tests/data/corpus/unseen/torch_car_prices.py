"""Predict used-car prices from numeric and categorical columns, with a reusable trainer."""

import copy
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter


@dataclass(frozen=True)
class Config:
    seed: int = 7
    batch_size: int = 64
    max_epochs: int = 40
    patience: int = 4
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    run_dir: Path = Path("runs/car_prices")


def make_cars(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return numeric columns (count, 3), category codes (count, 2) and prices in thousands (count,)."""
    age, mileage, power = rng.gamma(2, 3, count), rng.gamma(3, 25, count), rng.normal(120, 35, count)
    brand, fuel = rng.integers(0, 6, count), rng.integers(0, 3, count)
    prestige = np.array([0.8, 0.9, 1.0, 1.1, 1.4, 1.7])[brand] * np.array([0.95, 1.0, 1.2])[fuel]
    price = 25 * prestige * np.exp(-0.09 * age - 0.002 * mileage) * (power.clip(40) / 120) ** 0.6
    numeric = np.stack([age, mileage, power], axis=1)
    return numeric, np.stack([brand, fuel], axis=1), price * rng.lognormal(0, 0.05, count)


def make_loaders(config: Config) -> tuple[DataLoader, DataLoader, DataLoader]:
    rng = np.random.default_rng(config.seed)
    numeric, codes, price = make_cars(2000, rng)
    target = np.log(price)
    train, valid, test = np.split(rng.permutation(len(price)), [1400, 1700])
    numeric = (numeric - numeric[train].mean(axis=0)) / numeric[train].std(axis=0)
    target = (target - target[train].mean()) / target[train].std()

    def loader(rows: np.ndarray, shuffle: bool) -> DataLoader:
        columns = torch.tensor(numeric[rows], dtype=torch.float32), torch.tensor(codes[rows])
        dataset = TensorDataset(*columns, torch.tensor(target[rows], dtype=torch.float32))
        return DataLoader(dataset, batch_size=config.batch_size, shuffle=shuffle)

    return loader(train, shuffle=True), loader(valid, shuffle=False), loader(test, shuffle=False)


class PriceModel(nn.Module):
    def __init__(self, categories: tuple[int, ...] = (6, 3), numeric: int = 3, width: int = 48) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(size, 4) for size in categories])
        self.stem = nn.Linear(numeric + 4 * len(categories), width)
        self.blocks = nn.ModuleList([nn.Linear(width, width) for _ in range(2)])
        self.dropout = nn.Dropout(0.05)
        self.head = nn.Linear(width, 1)

    def forward(self, numeric: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        embedded = [embedding(codes[:, i]) for i, embedding in enumerate(self.embeddings)]
        hidden = torch.relu(self.stem(torch.cat([numeric, *embedded], dim=1)))
        for block in self.blocks:
            hidden = hidden + self.dropout(torch.relu(block(hidden)))
        return self.head(hidden).squeeze(-1)


class Trainer:
    def __init__(self, model: nn.Module, config: Config) -> None:
        self.model, self.config = model, config
        self.criterion = nn.MSELoss()
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, factor=0.5, patience=1)
        self.best_loss = float("inf")
        self.best_state = copy.deepcopy(model.state_dict())
        config.run_dir.mkdir(parents=True, exist_ok=True)

    def fit(self, train_loader: DataLoader, valid_loader: DataLoader) -> None:
        waited = 0
        with SummaryWriter(self.config.run_dir) as writer:
            for epoch in range(self.config.max_epochs):
                train_loss = self.train_epoch(train_loader)
                valid_loss = self.evaluate(valid_loader)
                self.scheduler.step(valid_loss)
                writer.add_scalar("loss/train", train_loss, epoch)
                writer.add_scalar("loss/valid", valid_loss, epoch)
                print(f"epoch {epoch:2d}  train {train_loss:.4f}  valid {valid_loss:.4f}")
                if valid_loss < self.best_loss:
                    self.best_loss, waited = valid_loss, 0
                    self.best_state = copy.deepcopy(self.model.state_dict())
                else:
                    waited += 1
                self.save_checkpoint(epoch)
                if waited >= self.config.patience:
                    print(f"no improvement for {waited} epochs, stopping")
                    break
        self.model.load_state_dict(self.best_state)

    def train_epoch(self, loader: DataLoader) -> float:
        self.model.train()
        total, count = 0.0, 0
        for numeric, codes, target in loader:
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.criterion(self.model(numeric, codes), target)
            loss.backward()
            self.optimizer.step()
            total, count = total + loss.item() * len(target), count + len(target)
        return total / count

    @torch.inference_mode()
    def evaluate(self, loader: DataLoader) -> float:
        self.model.eval()
        total, count = 0.0, 0
        for numeric, codes, target in loader:
            loss = self.criterion(self.model(numeric, codes), target)
            total, count = total + loss.item() * len(target), count + len(target)
        return total / count

    def save_checkpoint(self, epoch: int) -> None:
        state = {
            "epoch": epoch,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "rng": torch.get_rng_state(),
            "best_loss": self.best_loss,
            "best_state": self.best_state,
        }
        torch.save(state, self.config.run_dir / "last.pt")


def main() -> None:
    config = Config()
    random.seed(config.seed)
    np.random.seed(config.seed)
    torch.manual_seed(config.seed)
    train_loader, valid_loader, test_loader = make_loaders(config)
    trainer = Trainer(PriceModel(), config)
    trainer.fit(train_loader, valid_loader)
    print(f"test mean squared error {trainer.evaluate(test_loader):.4f} (a constant guess scores about 1)")


if __name__ == "__main__":
    main()
