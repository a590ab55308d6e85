"""The error the wrong way round: the 90% quantile becomes the 10% one."""

import torch

torch.manual_seed(0)
targets, guess = torch.randn(1000), torch.zeros(1, requires_grad=True)
optimizer = torch.optim.Adam([guess], lr=0.1)
for _ in range(200):
    error = guess - targets  # wrong: targets - guess
    loss = torch.maximum(0.9 * error, -0.1 * error).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
below = (targets < guess).float().mean().item()
assert abs(below - 0.9) < 0.05, f"the wrong end was learnt: {below:.2f} of the targets are below"
