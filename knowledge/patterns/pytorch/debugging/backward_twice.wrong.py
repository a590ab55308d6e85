"""The hidden state of one batch goes into the next with its graph."""

import torch
from torch import nn

gru, state = nn.GRU(1, 8, batch_first=True), None
for batch in torch.randn(2, 4, 5, 1):
    outputs, state = gru(batch, state)  # wrong: state = state.detach() after the step
    outputs.square().mean().backward()
