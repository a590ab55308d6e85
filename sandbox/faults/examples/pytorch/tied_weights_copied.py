"""Learn to name the number that follows, with one table for what goes in and what comes out."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randint(0, 16, (256,))
y = (x + 1) % 16


class Next(nn.Module):
    """An embedding, a layer, and a head that shares the table of the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(16, 24)
        self.body = nn.Linear(24, 24)
        self.head = nn.Linear(24, 16, bias=False)
        self.head.weight.data = self.table.weight.data.clone()  # WRONG
        self.head.weight = self.table.weight  # RIGHT

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(torch.tanh(self.body(self.table(ids))))  # (N, 16)


model = Next()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
