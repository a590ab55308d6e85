"""Wrong: a language model of encoder layers without a mask; every position reads the answer."""

import torch
from torch import nn

torch.manual_seed(0)
embedding = nn.Embedding(11, 16)
encoder = nn.TransformerEncoderLayer(16, nhead=4, batch_first=True).eval()
text, other = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 2, 3, 9]])
outputs = [encoder(embedding(ids)) for ids in (text, other)]  # wrong: a causal src_mask and is_causal=True
change = (outputs[0] - outputs[1])[0, 0].abs().max().item()
assert change < 1e-6, f"position 0 sees the tokens after it: its output changed by {change:.2f}"
