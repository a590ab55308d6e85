"""Classify scikit-learn's digits with a two-layer MLP and a focal loss."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter

HIDDEN, EPOCHS, BATCH = 64, 4, 64


class Classifier(nn.Module):
    def __init__(self, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, hidden), nn.GELU(), nn.Dropout(0.1), nn.Linear(hidden, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)


class FocalLoss(nn.Module):
    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        entropy = nn.functional.cross_entropy(logits, target, reduction="none")
        return ((1 - torch.exp(-entropy)) ** 2 * entropy).mean()


def load() -> tuple[TensorDataset, TensorDataset]:
    digits = load_digits()
    features = torch.tensor(digits.data / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(labels))
    train, test = order[:1400], order[1400:]
    return TensorDataset(features[train], labels[train]), TensorDataset(features[test], labels[test])


def accuracy(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    right = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
    return right / len(loader.dataset)


def main() -> None:
    torch.manual_seed(7)
    train, test = load()
    train_loader = DataLoader(train, batch_size=BATCH, shuffle=True)
    test_loader = DataLoader(test, batch_size=256)
    model = Classifier()
    criterion = FocalLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)
    writer = SummaryWriter("logs")
    for epoch in range(EPOCHS):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
        writer.add_scalar("train/loss", loss.item(), epoch)
    writer.close()
    print(f"accuracy {accuracy(model, test_loader):.3f}")


if __name__ == "__main__":
    main()
