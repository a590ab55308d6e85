"""Wrong: the old log probabilities are computed in the update, from the policy that is being changed."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy = nn.Linear(4, 2)
observations, actions, advantages = torch.randn(64, 4), torch.randint(2, (64,)), torch.randn(64)
optimizer = torch.optim.Adam(policy.parameters(), lr=0.1)
clipped = 0.0
for _ in range(20):
    new = Categorical(logits=policy(observations)).log_prob(actions)
    old = new.detach()  # wrong: once, before the first step, while playing
    ratio = (new - old).exp()
    clipped += ((ratio < 0.8) | (ratio > 1.2)).float().mean().item() / 20
    loss = -torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
assert clipped > 0, f"nothing is ever clipped: the share of ratios beyond 0.2 is {clipped}"
