"""Predict each next token of sequences that count upwards."""

import torch
from torch import nn

torch.manual_seed(0)
tokens = (torch.randint(0, 16, (256, 1)) + torch.arange(9)) % 16


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(16, 32)
        self.position = nn.Parameter(torch.randn(8, 32) * 0.1)
        self.qkv = nn.Linear(32, 96)
        self.head = nn.Linear(32, 16)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (N, T)
        hidden = self.embed(ids) + self.position
        q, k, v = self.qkv(hidden).view(len(ids), 8, 3, 4, 8).permute(2, 0, 3, 1, 4)  # each (N, 4, T, 8)
        visible = torch.ones(8, 8, dtype=torch.bool).tril()
        scores = q @ k.transpose(-2, -1) / 8**0.5
        weights = scores.masked_fill(~visible, float("-inf")).softmax(-1)
        mixed = (weights @ v).reshape(len(ids), 8, 32)  # WRONG
        mixed = (weights @ v).transpose(1, 2).reshape(len(ids), 8, 32)  # RIGHT
        return self.head(hidden + mixed)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        logits = model(tokens[rows, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens[rows, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
