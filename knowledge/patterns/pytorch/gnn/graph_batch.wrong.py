"""Wrong: edges put together as they are; those of all graphs point into the first one."""

import torch

first, second = torch.tensor([[0, 1], [1, 0]]), torch.tensor([[0, 1], [1, 0]])  # two graphs of two nodes
edges = torch.cat([first, second], dim=1)  # wrong: second + 2
x = torch.tensor([1.0, 2.0, 30.0, 40.0])
received = torch.zeros(4).index_add(0, edges[1], x[edges[0]])
assert received[2] > 0, f"edges of the second graph lead to nodes of the first: {received.tolist()}"
