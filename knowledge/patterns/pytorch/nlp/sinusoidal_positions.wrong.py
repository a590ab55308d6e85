"""Wrong: a table (T, 1, D), made for (T, N, D), with a batch first: the samples are numbered, not the tokens."""

import torch

positions = torch.arange(100.0)[:, None, None].expand(-1, 1, 8)  # stands for the sinusoids, (T, 1, D)
x = torch.zeros(4, 10, 8)  # (N, T, D)
x = x + positions[: x.size(0)]  # wrong: positions[: x.size(1)].transpose(0, 1)
found = x[2, :, 0].tolist()
assert found == list(range(10)), f"all tokens of a text have the same position: {found[:4]}"
