"""Tell whether sequences of different lengths hold more large numbers than small ones."""

import torch
from torch import nn

torch.manual_seed(0)
lengths = torch.randint(3, 11, (512, 1))
tokens = torch.randint(1, 16, (512, 12)) * (torch.arange(12) < lengths)  # 0 is padding
sums = tokens.sum(1, keepdim=True) / lengths
labels = (sums[:, 0] > 8).long()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(16, 16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.position = nn.Parameter(torch.randn(12, 16) * 0.3)
        self.head = nn.Linear(16, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (N, T)
        hidden = self.embed(ids) + self.position[: ids.shape[1]]
        real = (ids != 0).float().unsqueeze(-1)
        mixed, _ = self.attention(hidden, hidden, hidden)  # WRONG
        mixed, _ = self.attention(hidden, hidden, hidden, key_padding_mask=ids == 0)  # RIGHT
        return self.head(((hidden + mixed) * real).sum(1) / real.sum(1))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(512).split(32):
        loss = nn.functional.cross_entropy(model(tokens[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
