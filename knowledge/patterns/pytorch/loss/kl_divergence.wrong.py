"""Probabilities where kl_div wants their logarithms: nothing is raised."""

import torch
from torch.nn import functional as F

p = torch.tensor([[0.7, 0.2, 0.1]])
divergence = F.kl_div(p, p, reduction="batchmean").item()  # wrong: F.kl_div(p.log(), p, reduction="batchmean")
assert abs(divergence) < 1e-6, f"the divergence of a distribution from itself is {divergence:.2f}"
