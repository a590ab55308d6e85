"""Wrong: windows of the whole series, cut by number; the targets of the last ones of the training lie in the test."""

import torch

length, horizon, cut = 48, 24, 800  # hours before 800 are the training
pieces = torch.arange(1000).unfold(0, length + horizon, 1)
train = pieces[: cut - length]  # wrong: cut the series first, then make windows of series[:cut]
last = int(train.max())
assert last < cut, f"the targets of the training reach hour {last}, and the test begins at {cut}"
