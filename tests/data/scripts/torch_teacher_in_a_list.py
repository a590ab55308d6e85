"""Distil a frozen teacher, kept in a list so that it is no part of the student, into a student that attends causally."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

PAD, VOCABULARY, LENGTH = 0, 12, 8


class Student(nn.Module):
    """(batch, length) ids -> (batch,) score; rows are padded on the left."""

    def __init__(self, teacher: nn.Module) -> None:
        super().__init__()
        self.teacher = [teacher]
        self.embedding = nn.Embedding(VOCABULARY, 16, padding_idx=PAD)
        self.positions = nn.Parameter(0.1 * torch.randn(LENGTH, 16))
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.embedding(ids) + self.positions
        causal = torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), diagonal=1)
        alone = torch.eye(LENGTH, dtype=torch.bool)
        hidden = (causal | (ids == PAD)[:, None, :]) & ~alone  # (batch, length, length): padding sees itself
        attended, _ = self.attention(x, x, x, attn_mask=hidden.repeat_interleave(2, dim=0))
        return self.head((x + attended)[:, -1]).squeeze(1)

    def distil(self, ids: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            wanted = self.teacher[0](F.one_hot(ids, VOCABULARY).float().mean(1)).squeeze(1)
        return F.mse_loss(self(ids), wanted)


def make_rows(samples: int, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, VOCABULARY, (samples, LENGTH), generator=random)
    padding = torch.randint(0, LENGTH // 2, (samples, 1), generator=random)
    return ids.masked_fill(torch.arange(LENGTH) < padding, PAD)


def main() -> None:
    torch.manual_seed(0)
    student = Student(nn.Sequential(nn.Linear(VOCABULARY, 8), nn.Tanh(), nn.Linear(8, 1)))
    optimizer = torch.optim.Adam(student.parameters(), lr=3e-3)
    for _ in range(4):
        for (ids,) in DataLoader(TensorDataset(make_rows(500, 0)), batch_size=50, shuffle=True):
            loss = student.distil(ids)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    student.eval()
    with torch.no_grad():
        print(f"held-out error {student.distil(make_rows(100, 1)).item():.4f}")


if __name__ == "__main__":
    main()
