"""Wrong: two texts in one row with the causal mask alone; the second one reads the first."""

import torch
from torch.nn import functional as F

torch.manual_seed(0)
first, second = torch.randn(1, 5, 8), torch.randn(1, 4, 8)
row = torch.cat([first, second], dim=1)  # (N, T, D)
packed = F.scaled_dot_product_attention(row, row, row, is_causal=True)[:, 5:]  # wrong: a mask of the same text as well
alone = F.scaled_dot_product_attention(second, second, second, is_causal=True)
change = (packed - alone).abs().max().item()
assert change < 1e-5, f"the second text reads the first: its outputs differ by up to {change:.2f}"
