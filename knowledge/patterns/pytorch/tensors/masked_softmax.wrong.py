"""-inf everywhere in a row: the softmax of nothing is NaN, and so is every gradient after it."""

import torch

scores, valid = torch.randn(2, 4), torch.tensor([[True, True, False, False], [False] * 4])
weights = scores.masked_fill(~valid, -torch.inf).softmax(dim=-1)  # wrong: torch.finfo(...).min, then zeros
assert weights.isfinite().all(), f"a row without valid positions is NaN: {weights[1].tolist()}"
