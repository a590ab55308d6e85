"""Wrong: the reference is the policy itself under a second name; it moves along, and the margin is always 0."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
policy = nn.Linear(8, 2)  # stands for a language model: log probabilities of a chosen and of a rejected answer
reference = policy  # wrong: copy.deepcopy(policy).requires_grad_(False)
optimizer = torch.optim.Adam(policy.parameters(), lr=0.1)
prompts = torch.randn(32, 8)
for _ in range(50):
    raised = policy(prompts).log_softmax(dim=1) - reference(prompts).log_softmax(dim=1).detach()
    loss = -F.logsigmoid(0.1 * (raised[:, 0] - raised[:, 1])).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
assert loss < 0.6, f"the loss stayed at {loss.item():.3f}, which is log 2: the margin is 0"
