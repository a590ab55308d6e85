"""Wrong: steps of several episodes in one row, and nothing that stops the sum where one of them ends."""

import torch

rewards = torch.tensor([0.0, 0.0, 0.0, 100.0])  # steps 0 and 1 are an episode without reward, 2 and 3 the next one
ends = torch.tensor([False, True, False, True])
result, following = torch.zeros(4), torch.zeros(())
for t in reversed(range(4)):
    following = rewards[t] + 0.9 * following  # wrong: 0.9 * following * ~ends[t]
    result[t] = following
assert result[0] == 0, f"the next episode leaked in: the advantage of step 0 is {result[0].item():.0f}, not 0"
