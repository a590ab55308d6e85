"""Wrong: the log determinant taken away instead of added; what is maximised is no density."""

import math

import torch

x = torch.linspace(-40, 40, 80_001)  # in one dimension: the code is 2 * x
code, log_det = 2 * x, math.log(2)
log_prob = -0.5 * (code.square() + math.log(2 * math.pi)) - log_det  # wrong: + log_det
mass = log_prob.exp().sum().item() * 0.001
assert abs(mass - 1) < 0.01, f"the density does not sum to 1 but to {mass:.2f}"
