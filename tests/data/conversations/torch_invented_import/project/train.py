"""Which of two tokens occurs more often? A one-layer transformer encoder learns to tell."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

VOCABULARY, LENGTH = 12, 15


class Encoder(nn.Module):
    """(batch, length) token ids -> (batch, 2) logits."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Parameter(0.1 * torch.randn(LENGTH, width))
        self.attention = nn.MultiheadAttention(embed_dim=width, num_heads=4, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tokens(ids) + self.positions
        attended, _ = self.attention(x, x, x)
        return self.head(self.norm(x + attended).mean(dim=1))


def make_data(samples: int, seed: int) -> TensorDataset:
    ids = torch.randint(0, VOCABULARY, (samples, LENGTH), generator=torch.Generator().manual_seed(seed))
    labels = ((ids < 6).sum(1) > (ids >= 6).sum(1)).long()
    return TensorDataset(ids, labels)


def main() -> None:
    torch.manual_seed(0)
    train_loader = DataLoader(make_data(1500, 0), batch_size=64, shuffle=True)
    test_loader = DataLoader(make_data(300, 1), batch_size=100)
    model = Encoder()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(6):
        model.train()
        for ids, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(ids), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        hits = torch.cat([model(ids).argmax(1) == labels for ids, labels in test_loader])
    print(f"test accuracy {hits.float().mean():.3f}")


if __name__ == "__main__":
    main()
