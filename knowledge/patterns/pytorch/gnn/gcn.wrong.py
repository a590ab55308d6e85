"""Wrong: each edge of an undirected graph written down once; messages go one way only."""

import torch

edges = torch.tensor([[0, 1], [1, 2]])  # wrong: 0-1 and 1-2 both ways
features = torch.tensor([[1.0], [10.0], [100.0]])
source, target = edges
received = torch.zeros_like(features).index_add(0, target, features[source])
assert received[0, 0] == 10, f"node 0 hears nothing of its neighbour: it received {received[0, 0].item()}"
