"""Classify handwritten digits with a small convolutional network and keep the best checkpoint."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torch.utils.tensorboard import SummaryWriter


@dataclass(frozen=True)
class Config:
    epochs: int = 6
    batch_size: int = 64
    lr: float = 0.01
    weight_decay: float = 1e-3
    seed: int = 7
    run_dir: Path = Path("runs/digits")


class DigitDataset(Dataset[tuple[Tensor, Tensor]]):
    """Standardised 8x8 images; training images are shifted by up to one pixel."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, *, mean: float, std: float, augment: bool) -> None:
        self.images = torch.from_numpy((images - mean) / std).float().unsqueeze(1)  # (N, 1, 8, 8)
        self.labels = torch.from_numpy(labels).long()
        self.augment = augment

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image = self.images[index]
        if self.augment:
            shift = torch.randint(-1, 2, (2,)).tolist()
            image = torch.roll(image, shifts=shift, dims=(1, 2))
        return image, self.labels[index]


class DigitCNN(nn.Module):
    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
            *(nn.Conv2d(16, 32, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()),
            nn.MaxPool2d(2),
        )
        self.hidden = nn.Linear(32 * 4 * 4, 64)
        self.dropout = nn.Dropout(0.25)
        self.head = nn.Linear(64, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        features = self.features(images).flatten(start_dim=1)  # (N, 32 * 4 * 4)
        features = torch.relu(self.hidden(features))
        return self.head(self.dropout(features))  # (N, num_classes)


def make_loaders(config: Config) -> dict[str, DataLoader]:
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8)
    seed = config.seed
    x_rest, x_test, y_rest, y_test = train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=seed)
    x_train, x_val, y_train, y_val = train_test_split(x_rest, y_rest, test_size=0.2, stratify=y_rest, random_state=seed)
    scale = {"mean": float(x_train.mean()), "std": float(x_train.std())}
    train_set = DigitDataset(x_train, y_train, augment=True, **scale)
    val_set = DigitDataset(x_val, y_val, augment=False, **scale)
    test_set = DigitDataset(x_test, y_test, augment=False, **scale)
    train_loader = DataLoader(train_set, batch_size=config.batch_size, shuffle=True)
    return {"train": train_loader, "val": DataLoader(val_set, 256), "test": DataLoader(test_set, 256)}


def train_epoch(model: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer, device: torch.device) -> float:
    """Return the mean training loss over the samples of the epoch."""
    model.train()
    criterion = nn.CrossEntropyLoss()
    total, count = 0.0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count


@torch.no_grad()
def evaluate(model: nn.Module, loader: DataLoader, device: torch.device) -> tuple[float, float]:
    """Return the mean loss and the accuracy over the samples of the loader."""
    model.eval()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        total += criterion(logits, labels).item()
        correct += (logits.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


def main() -> None:
    config = Config()
    torch.manual_seed(config.seed)
    np.random.seed(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loaders = make_loaders(config)
    model = DigitCNN().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.epochs)

    config.run_dir.mkdir(parents=True, exist_ok=True)
    checkpoint_path = config.run_dir / "best.pt"
    best_accuracy = 0.0
    with SummaryWriter(config.run_dir) as writer:
        for epoch in range(config.epochs):
            train_loss = train_epoch(model, loaders["train"], optimizer, device)
            val_loss, val_accuracy = evaluate(model, loaders["val"], device)
            scheduler.step()
            writer.add_scalar("loss/train", train_loss, epoch)
            writer.add_scalar("loss/val", val_loss, epoch)
            writer.add_scalar("accuracy/val", val_accuracy, epoch)
            print(f"epoch {epoch}: train loss {train_loss:.3f}, val loss {val_loss:.3f}, accuracy {val_accuracy:.3f}")
            if val_accuracy > best_accuracy:
                best_accuracy = val_accuracy
                state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
                state |= {"scheduler": scheduler.state_dict(), "rng": torch.get_rng_state()}
                torch.save(state, checkpoint_path)

    checkpoint = torch.load(checkpoint_path, map_location=device, weights_only=True)
    best_model = DigitCNN().to(device)
    best_model.load_state_dict(checkpoint["model"])
    _, test_accuracy = evaluate(best_model, loaders["test"], device)
    print(f"best epoch {checkpoint['epoch']}: test accuracy {test_accuracy:.3f}")


if __name__ == "__main__":
    main()
