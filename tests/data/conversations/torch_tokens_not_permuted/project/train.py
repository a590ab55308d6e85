"""A character-level language model on a short text of random words."""

import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

WORDS = "the a quick slow brown green fox turtle jumps walks over under lazy old dog bridge while and".split()
TEXT = " ".join(random.Random(0).choices(WORDS, k=320))
LENGTH = 20


class CharGRU(nn.Module):
    """(batch, length) ids -> (batch, length, vocabulary) logits."""

    def __init__(self, vocabulary: int, width: int = 24, hidden: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.gru = nn.GRU(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        states, _ = self.gru(self.embedding(ids))
        return self.head(states)


def main() -> None:
    torch.manual_seed(0)
    letters = sorted(set(TEXT))
    ids = torch.tensor([letters.index(letter) for letter in TEXT])
    windows = ids.unfold(0, LENGTH + 1, 1)  # (windows, LENGTH + 1)
    data = TensorDataset(windows[:, :-1], windows[:, 1:])
    train_set, test_set = random_split(data, [len(data) - 200, 200])
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=100)

    model = CharGRU(len(letters))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(4):
        model.train()
        for tokens, following in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(tokens).permute(0, 2, 1), following)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: {loss.item():.3f}")
    model.eval()
    with torch.no_grad():
        hits = [(model(tokens).argmax(-1) == following).float().mean() for tokens, following in test_loader]
    print(f"next-character accuracy {torch.stack(hits).mean():.3f}")


if __name__ == "__main__":
    main()
