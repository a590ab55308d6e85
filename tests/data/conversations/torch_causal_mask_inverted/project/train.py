"""Teach a tiny language model to count on, modulo 32, with a step that only the earlier tokens tell."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

from model import TinyLM

VOCABULARY, LENGTH = 32, 12


def make_sequences() -> TensorDataset:
    """Every start with every step from 1 to 8: (256, LENGTH) tokens and those that follow them."""
    starts, steps = torch.meshgrid(torch.arange(VOCABULARY), torch.arange(1, 9), indexing="ij")
    tokens = (starts.reshape(-1, 1) + steps.reshape(-1, 1) * torch.arange(LENGTH + 1)) % VOCABULARY
    return TensorDataset(tokens[:, :-1], tokens[:, 1:])


def main() -> None:
    torch.manual_seed(0)
    train_set, test_set = random_split(make_sequences(), [208, 48])
    train_loader = DataLoader(train_set, batch_size=16, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=48)
    model = TinyLM(VOCABULARY, LENGTH)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for epoch in range(12):
        model.train()
        for tokens, following in train_loader:
            optimizer.zero_grad()
            logits = model(tokens)  # (batch, length, vocabulary)
            loss = criterion(logits.flatten(0, 1), following.flatten())
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        hits = torch.cat([(model(tokens).argmax(-1) == following).float() for tokens, following in test_loader])
    print(f"next-token accuracy {hits.mean():.3f}")


if __name__ == "__main__":
    main()
