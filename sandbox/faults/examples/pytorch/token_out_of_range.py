"""Predict each next token of sequences that count upwards."""

import torch
from torch import nn

torch.manual_seed(0)
tokens = (torch.randint(0, 16, (256, 1)) + torch.arange(9)) % 16


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(15, 32)  # WRONG
        self.embed = nn.Embedding(16, 32)  # RIGHT
        self.gru = nn.GRU(32, 32, batch_first=True)
        self.head = nn.Linear(32, 16)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (N, T)
        return self.head(self.gru(self.embed(ids))[0])


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        logits = model(tokens[rows, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens[rows, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
