"""Wrong: is_causal=True for one new query and all keys; the mask begins at the first key."""

import torch
from torch.nn import functional as F

torch.manual_seed(0)
query, key, value = (torch.randn(1, 1, 6, 8) for _ in range(3))  # (N, heads, T, D)
at_once = F.scaled_dot_product_attention(query, key, value, is_causal=True)
last = F.scaled_dot_product_attention(query[:, :, -1:], key, value, is_causal=True)  # wrong: no mask for one query
difference = (at_once[:, :, -1:] - last).abs().max().item()
assert difference < 1e-5, f"the cached step differs by {difference:.2f}: it saw the first key alone"
