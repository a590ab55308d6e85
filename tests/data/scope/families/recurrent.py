import torch
from torch import nn


def inputs(n):
    return torch.randn(n, 10, 4)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(4, 12, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(24, 2)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])
