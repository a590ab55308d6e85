"""Reverse short sequences with an encoder and a decoder."""

import torch
from torch import nn

torch.manual_seed(0)
source = torch.randint(1, 16, (256, 6))
target = torch.cat([torch.zeros(256, 1, dtype=torch.long), source.flip(1)], 1)  # begins with 0


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(16, 32)
        self.position = nn.Parameter(torch.randn(6, 32) * 0.1)
        self.transformer = nn.Transformer(32, 2, 1, 1, 64, dropout=0.0, batch_first=True)
        self.head = nn.Linear(32, 16)

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:  # (N, 6), (N, 6)
        mask = nn.Transformer.generate_square_subsequent_mask(6)
        read, written = self.embed(source) + self.position, self.embed(target) + self.position
        hidden = self.transformer(read, written)  # WRONG
        hidden = self.transformer(read, written, tgt_mask=mask)  # RIGHT
        return self.head(hidden)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(4):
    for rows in torch.randperm(256).split(32):
        logits = model(source[rows], target[rows, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), target[rows, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
