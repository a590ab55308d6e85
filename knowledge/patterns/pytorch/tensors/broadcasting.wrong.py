"""Row means without keepdim: in a square matrix they are taken from the columns, and nothing is raised."""

import torch

torch.manual_seed(0)
x = torch.randn(4, 4) + torch.arange(4.0)[:, None]
centred = x - x.mean(dim=1)  # wrong: x.mean(dim=1, keepdim=True)
assert centred.mean(dim=1).abs().max() < 1e-5, f"the rows are not centred: means {centred.mean(dim=1).tolist()}"
