"""Predict the running maximum of a sequence: position i may look at positions 0..i only."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LENGTH, VALUES = 10, 12


class Decoder(nn.Module):
    """(batch, length) ids -> (batch, length, VALUES) logits."""

    def __init__(self, width: int = 32, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.embedding = nn.Embedding(VALUES, width)
        self.positions = nn.Parameter(0.1 * torch.randn(LENGTH, width))
        self.project = nn.Linear(width, 3 * width)
        self.norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, VALUES))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        length = ids.size(1)
        x = self.embedding(ids) + self.positions[:length]
        # True where a position may be attended to
        mask = torch.ones(length, length, dtype=torch.bool, device=ids.device).tril()
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.project(x).chunk(3, dim=-1))
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.mlp(self.norm(x + attended.transpose(1, 2).flatten(2)))


def make_data(samples: int, seed: int) -> TensorDataset:
    ids = torch.randint(0, VALUES, (samples, LENGTH), generator=torch.Generator().manual_seed(seed))
    return TensorDataset(ids, ids.cummax(dim=1).values)


def main() -> None:
    torch.manual_seed(0)
    train_loader = DataLoader(make_data(1500, 0), batch_size=50, shuffle=True)
    test_loader = DataLoader(make_data(200, 1), batch_size=100)
    model = Decoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(5):
        model.train()
        for ids, maxima in train_loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(ids).transpose(1, 2), maxima)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        hits = torch.cat([model(ids).argmax(-1) == maxima for ids, maxima in test_loader])
    print(f"accuracy {hits.float().mean():.3f}")


if __name__ == "__main__":
    main()
