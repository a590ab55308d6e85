"""Teach a miniature GPT to repeat four tokens after a separator."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from model import MiniGPT

LETTERS, WORD = 16, 4
SEPARATOR = LETTERS
IGNORED = -100


def make_copies(samples: int, seed: int) -> TensorDataset:
    """Rows such as `c a f b | c a f b`; only what follows the separator is to be predicted."""
    words = torch.randint(0, LETTERS, (samples, WORD), generator=torch.Generator().manual_seed(seed))
    rows = torch.cat([words, torch.full((samples, 1), SEPARATOR), words], dim=1)
    targets = rows[:, 1:].clone()
    targets[:, :WORD] = IGNORED
    return TensorDataset(rows[:, :-1], targets)


def main() -> None:
    torch.manual_seed(0)
    train_loader = DataLoader(make_copies(1600, seed=0), batch_size=50, shuffle=True)
    test_loader = DataLoader(make_copies(200, seed=1), batch_size=100)
    model = MiniGPT(vocabulary=LETTERS + 1, max_length=2 * WORD)
    criterion = nn.CrossEntropyLoss(ignore_index=IGNORED)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(6):
        model.train()
        for ids, targets in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(ids).flatten(0, 1), targets.flatten())
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        hits = [(model(ids).argmax(-1) == targets)[targets != IGNORED] for ids, targets in test_loader]
    print(f"share of letters copied rightly: {torch.cat(hits).float().mean():.3f}")


if __name__ == "__main__":
    main()
