"""Model and step are restored, the loader starts a new epoch: part of the data comes twice, part of it not at all."""

import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
dataset = TensorDataset(torch.arange(20))
loader = DataLoader(dataset, batch_size=4, shuffle=True)
seen = [rows for _, (rows,) in zip(range(2), loader, strict=False)]  # the crash comes after two of five steps
seen += [rows for _, (rows,) in zip(range(3), loader, strict=False)]  # wrong: the order is drawn anew
different = torch.cat(seen).unique().numel()
assert different == 20, f"samples were seen twice: {different} of 20 rows in an epoch's worth of steps"
