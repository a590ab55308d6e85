"""A padding mask the wrong way round: only the padding is attended to."""

import torch
from torch import nn

torch.manual_seed(0)
attention = nn.MultiheadAttention(16, num_heads=4, batch_first=True).eval()
tokens, padding = torch.randn(1, 3, 16), torch.zeros(1, 5, 16)
x = torch.cat([tokens, padding], dim=1)
is_token = torch.tensor([[True] * 3 + [False] * 5])

alone, _ = attention(tokens, tokens, tokens)
padded, _ = attention(x, x, x, key_padding_mask=is_token)  # wrong: ~is_token, True means "leave out"
difference = (alone - padded[:, :3]).abs().max().item()
assert difference < 1e-5, f"padding changed the output for the tokens by up to {difference:.2f}"
