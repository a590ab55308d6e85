"""The last output of a padded sequence: what the LSTM has after reading the padding, not the text."""

import torch
from torch import nn

torch.manual_seed(0)
embedding, lstm = nn.Embedding(50, 16, padding_idx=0), nn.LSTM(16, 16, batch_first=True)


def features(ids: torch.Tensor) -> torch.Tensor:
    outputs, _ = lstm(embedding(ids))
    return outputs[:, -1]  # wrong: pack_padded_sequence first, or take the output at the last real token


text = torch.tensor([[7, 12, 3]])
padded = torch.tensor([[7, 12, 3, 0, 0, 0, 0, 0]])
difference = (features(text) - features(padded)).abs().max().item()
assert difference < 1e-5, f"padding changed the features of the same text by up to {difference:.2f}"
