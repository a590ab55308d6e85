"""Wrong: a key_padding_mask (True = ignore) handed over as attn_mask (True = attend)."""

import torch
from torch.nn import functional as F

torch.manual_seed(0)
q, k, v = torch.randn(3, 1, 2, 6, 8).unbind()
padding = torch.tensor([[False, False, False, False, True, True]])  # (B, T)
results = []
for filling in (0.0, 99.0):
    v[:, :, 4:] = filling  # what the padding holds must not matter
    results.append(F.scaled_dot_product_attention(q, k, v, attn_mask=padding[:, None, None, :]))  # wrong: ~padding
difference = (results[0] - results[1]).abs().max().item()
assert difference < 1e-5, f"the result changes with the padding, by {difference:.0f}"
