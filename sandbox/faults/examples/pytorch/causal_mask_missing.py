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
        self.attention = nn.MultiheadAttention(32, 2, batch_first=True)
        self.head = nn.Linear(32, 16)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (N, T)
        hidden = self.embed(ids) + self.position
        hide = torch.triu(torch.ones(8, 8, dtype=torch.bool), diagonal=1)
        mixed, _ = self.attention(hidden, hidden, hidden)  # WRONG
        mixed, _ = self.attention(hidden, hidden, hidden, attn_mask=hide)  # RIGHT
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
