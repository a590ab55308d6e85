"""Tell by the first of ten vectors which group a sequence belongs to."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (256,))
sequences = torch.randn(256, 10, 8)
sequences[:, 0, :3] += 3 * nn.functional.one_hot(labels, 3)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)  # WRONG
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)  # RIGHT
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, T, 8)
        mixed, _ = self.attention(x, x, x)
        return self.head((x + mixed)[:, 0])


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(sequences[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
