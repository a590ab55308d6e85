"""Wrong: directed edges are split; the way back of a held-out edge stays in the messages."""

import torch

torch.manual_seed(0)
pairs = torch.combinations(torch.arange(20)).T  # each pair once
edges = torch.cat([pairs, pairs.flip(0)], dim=1)[:, torch.randperm(380)]
held_out, messages = edges[:, :76], edges[:, 76:]  # wrong: split the pairs, then add both ways of the known ones
codes = messages[0] * 20 + messages[1]
share = torch.isin(held_out[1] * 20 + held_out[0], codes).float().mean().item()
assert share == 0, f"held-out edges are in the messages: {share:.0%} of them the other way round"
