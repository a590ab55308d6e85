"""A view straight to the shape that is wanted: it fits, and mixes the tokens."""

import torch

x = torch.arange(5).repeat_interleave(12).view(1, 5, 12)  # (B, T, heads * D); every number is that of its token
heads = x.view(1, 3, 5, 4)  # wrong: x.view(1, 5, 3, 4).transpose(1, 2)
tokens = heads[0, 0, :, 0].tolist()
assert tokens == [0, 1, 2, 3, 4], f"a head sees other tokens: {tokens}"
