"""Tell to which of three groups a sequence of ten vectors belongs."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (256,))
sequences = torch.randn(256, 10, 8)
sequences[:, :, :3] += nn.functional.one_hot(labels, 3).unsqueeze(1)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(8, 16, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (N, T, 8)
        states, _ = self.gru(x)
        return self.head(states[:, 0])  # WRONG
        return self.head(states[:, -1])  # RIGHT


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(sequences[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
