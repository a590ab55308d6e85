# /// pattern
# id = "pt.gnn.gat"
# topic = "gnn.attention"
# questions = [
#   "graph attention network in pytorch",
#   "GAT layer without torch_geometric",
#   "softmax over the neighbours of each node",
#   "edge softmax with scatter",
#   "attention weights on edges, multi-head",
#   "softmax over a variable number of neighbours",
#   "graph atention layer torch",
# ]
# apis = ["torch.Tensor.scatter_reduce", "torch.Tensor.index_add", "torch.nn.functional.leaky_relu"]
# replaces = ["torch_geometric.nn.GATConv", "torch_geometric.utils.softmax", "torch_scatter.scatter_softmax"]
# why = """Each edge gets a score from both of its ends, and a softmax over the edges that arrive at a node makes them
# weights (arXiv 1710.10903). On an edge list that softmax is three steps: the highest score of each node, exponentials,
# and their sum by node; it costs as much as there are edges."""
# pitfalls = """A softmax over dimension 0 is one over all edges of the graph. Add self-loops, or a node without
# neighbours becomes 0. Subtract each node's own maximum, not the global one: a node far below it underflows."""
# when_not = "Small dense graphs: masked attention of all nodes to all."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the weights of a node sum to"
# ///
"""Graph attention on an edge list: a softmax over the edges that arrive at each node."""

import torch
from torch import nn
from torch.nn import functional as F


def edge_softmax(scores: torch.Tensor, target: torch.Tensor, *, nodes: int) -> torch.Tensor:
    """Scores (E, H) and the node (E,) at which each edge arrives, to weights (E, H) that sum to 1 for each node."""
    index = target[:, None].expand_as(scores)
    highest = scores.new_full((nodes, scores.shape[1]), -torch.inf).scatter_reduce(0, index, scores.detach(), "amax")
    weights = (scores - highest[target]).exp()
    total = scores.new_zeros(nodes, scores.shape[1]).index_add(0, target, weights)
    return weights / total[target]


class GATLayer(nn.Module):
    """Features (V, in_dim) to (V, heads * out_dim), for edges (2, E) from row 0 to row 1, self-loops included."""

    def __init__(self, in_dim: int, out_dim: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.linear = nn.Linear(in_dim, heads * out_dim, bias=False)
        self.from_source, self.from_target = (nn.Parameter(0.1 * torch.randn(heads, out_dim)) for _ in range(2))

    def forward(self, x: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        source, target = edges
        x = self.linear(x).unflatten(1, (self.heads, -1))  # (V, H, D)
        scores = (x * self.from_source).sum(dim=2)[source] + (x * self.from_target).sum(dim=2)[target]  # (E, H)
        weights = edge_softmax(F.leaky_relu(scores, 0.2), target, nodes=len(x))
        messages = weights[..., None] * x[source]  # (E, H, D)
        return torch.zeros_like(x).index_add(0, target, messages).flatten(1)


if __name__ == "__main__":
    torch.manual_seed(0)
    nodes, heads = 12, 3
    adjacency = torch.rand(nodes, nodes).lt(0.3) | torch.eye(nodes, dtype=torch.bool)  # [i, j]: from j to i
    target, source = adjacency.nonzero().T
    edges = torch.stack([source, target])

    x = torch.randn(nodes, 5)
    layer = GATLayer(5, 4, heads=heads)
    output = layer(x, edges)  # (V, H * D)

    h = layer.linear(x).unflatten(1, (heads, -1))  # the same with all pairs of nodes and a mask
    pairs = (h * layer.from_target).sum(dim=2)[:, None] + (h * layer.from_source).sum(dim=2)[None]  # (V, V, H)
    scores = F.leaky_relu(pairs, 0.2).masked_fill(~adjacency[..., None], -torch.inf)
    dense = torch.einsum("ijh,jhd->ihd", scores.softmax(dim=1), h).flatten(1)
    torch.testing.assert_close(output, dense)

    (by_edges,) = torch.autograd.grad(output.square().sum(), layer.from_source, retain_graph=True)
    (by_pairs,) = torch.autograd.grad(dense.square().sum(), layer.from_source)
    torch.testing.assert_close(by_edges, by_pairs)

    spread = 1000.0 * torch.arange(nodes)[target][:, None]  # nodes whose scores lie far apart
    weights = edge_softmax(spread, target, nodes=nodes)
    torch.testing.assert_close(torch.zeros(nodes, 1).index_add(0, target, weights), torch.ones(nodes, 1))
    print(f"{edges.shape[1]} edges, output {tuple(output.shape)}")
