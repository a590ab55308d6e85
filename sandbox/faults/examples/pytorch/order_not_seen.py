"""Tell whether the larger of two numbers comes first."""

import torch
from torch import nn

torch.manual_seed(0)
tokens = torch.randint(0, 16, (512, 8))
labels = (tokens[:, 1] > tokens[:, 2]).long()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(16, 32)
        self.position = nn.Parameter(torch.randn(8, 32) * 0.3)  # RIGHT
        self.attention = nn.MultiheadAttention(32, 2, batch_first=True)
        self.head = nn.Linear(32, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (N, T)
        hidden = self.embed(ids)  # WRONG
        hidden = self.embed(ids) + self.position  # RIGHT
        mixed, _ = self.attention(hidden, hidden, hidden)
        return self.head((hidden + mixed).relu().mean(1))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(512).split(32):
        loss = nn.functional.cross_entropy(model(tokens[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
