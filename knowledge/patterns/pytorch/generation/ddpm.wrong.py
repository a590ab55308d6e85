"""Wrong: betas meant for 1,000 steps, with 50; sampling begins at noise, and training never saw pure noise."""

import torch

betas = torch.linspace(1e-4, 0.02, 50)  # wrong: larger ones, so that alpha_bar ends near 0
left = (1 - betas).prod().item()
assert left < 0.02, f"at the last step {left:.0%} of the data's variance is left, and sampling begins with none"
