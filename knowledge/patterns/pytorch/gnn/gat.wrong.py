"""Wrong: a softmax over the list of edges; all edges of the graph share one 1."""

import torch

torch.manual_seed(0)
target = torch.tensor([0, 0, 1, 1, 1, 2])  # where each edge arrives
weights = torch.randn(6).softmax(dim=0)  # wrong: a softmax within each target
sums = torch.zeros(3).index_add(0, target, weights)
assert torch.allclose(sums, torch.ones(3)), f"the weights of a node sum to {sums[0].item():.2f}, not to 1"
