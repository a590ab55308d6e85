"""Tell to which of three groups sequences of different lengths belong."""

import torch
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (256,))
sequences = torch.randn(256, 10, 8)
sequences[:, :, :3] += nn.functional.one_hot(labels, 3).unsqueeze(1)
lengths = torch.randint(3, 11, (256,))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(8, 16, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # (N, T, 8), (N,)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)  # WRONG
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)  # RIGHT
        _, last = self.gru(packed)
        return self.head(last[0])


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(sequences[rows], lengths[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
