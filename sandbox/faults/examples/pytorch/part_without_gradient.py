"""Tell whether the first half of a short sequence holds more ones than the second, with attention."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randint(0, 2, (256, 9))
y = (x[:, :5].sum(dim=1) > x[:, 5:].sum(dim=1)).long()


class Attention(nn.Module):
    """One head of attention and a mean over the positions."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(2, 16)
        self.places = nn.Parameter(torch.randn(9, 16))
        self.project = nn.Linear(16, 48)
        self.head = nn.Linear(16, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        q, k, v = self.project(self.table(ids) + self.places).chunk(3, dim=-1)  # each (N, 9, 16)
        mixed = nn.functional.scaled_dot_product_attention(q, q, v)  # WRONG
        mixed = nn.functional.scaled_dot_product_attention(q, k, v)  # RIGHT
        return self.head(mixed.mean(dim=1))  # (N, 2)


model = Attention()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
