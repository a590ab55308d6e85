"""Predict the next token of rows of different lengths, filled up with zeros."""

import torch
from torch import nn

torch.manual_seed(0)
lengths = 12
tokens = torch.zeros(256, lengths + 1, dtype=torch.long)
tokens[:, :2] = torch.randint(1, 9, (256, 2))
for place in range(2, lengths + 1):
    tokens[:, place] = (tokens[:, place - 1] + tokens[:, place - 2]) % 8 + 1
tokens[torch.arange(lengths + 1) >= torch.randint(4, lengths, (256, 1))] = 0


class NextToken(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, 16)
        self.lstm = nn.LSTM(16, 32, batch_first=True)
        self.head = nn.Linear(32, 9)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(self.embed(ids))[0])  # (rows, length, 9)


model = NextToken()
criterion = nn.CrossEntropyLoss()  # WRONG
criterion = nn.CrossEntropyLoss(ignore_index=0)  # RIGHT
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(4):
    for rows in torch.randperm(256).split(32):
        inputs, targets = tokens[rows, :-1], tokens[rows, 1:]
        loss = criterion(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
