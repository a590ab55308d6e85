# /// pattern
# id = "pt.gnn.gcn"
# topic = "gnn.nodes"
# twin = "tf.gnn.gcn"
# questions = [
#   "graph convolutional network from scratch in pytorch",
#   "GCN layer without torch_geometric",
#   "node classification with few labels",
#   "message passing with edge_index and index_add",
#   "normalise an adjacency matrix with self loops",
#   "how to build edge_index for an undirected graph",
#   "gnn node clasification torch",
# ]
# apis = ["torch.Tensor.index_add", "torch.nn.Linear", "torch.arange"]
# replaces = ["torch_geometric.nn.GCNConv", "dgl.nn.GraphConv", "torch_scatter.scatter_add"]
# why = """Each node takes the sum of its neighbours' features, itself included, each weighted by 1 / sqrt(degree of
# both), so that nodes with many neighbours do not grow (arXiv 1609.02907). index_add sums over the edges: memory goes
# with the edges and not with the square of the nodes."""
# pitfalls = """An undirected edge is two columns of edge_index, one for each way. More than two or three layers make
# all nodes alike. Train on the labelled nodes alone, and never let test labels into the features."""
# when_not = "Large graphs and many kinds of layers: PyTorch Geometric, with its neighbour sampling."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: node 0 hears nothing of its neighbour"
# ///
"""A graph convolutional network for nodes of which few are labelled, on an edge list."""

import torch
from torch import nn
from torch.nn import functional as F


def undirected(edges: torch.Tensor) -> torch.Tensor:
    """Edges (2, E), each pair once, to (2, 2E): both ways."""
    return torch.cat([edges, edges.flip(0)], dim=1)


def gcn_edges(edges: torch.Tensor, *, nodes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Edges (2, E) from row 0 to row 1, to (2, E + nodes) with self-loops, and their weights (E + nodes,)."""
    edges = torch.cat([edges, torch.arange(nodes, device=edges.device).expand(2, -1)], dim=1)
    degree = torch.bincount(edges[1], minlength=nodes).float()  # at least 1: the node itself
    source, target = edges
    return edges, (degree[source] * degree[target]).rsqrt()


class GCNLayer(nn.Module):
    """Features (V, in_dim) to (V, out_dim): weighted sums over the edges that arrive."""

    def __init__(self, in_dim: int, out_dim: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_dim, out_dim, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_dim))

    def forward(self, x: torch.Tensor, edges: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        x = self.linear(x)
        source, target = edges
        messages = weights[:, None] * x[source]  # (E, out_dim)
        return torch.zeros_like(x).index_add(0, target, messages) + self.bias


class GCN(nn.Module):
    """Two layers: what a node says depends on nodes up to two steps away."""

    def __init__(self, in_dim: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.first, self.second = GCNLayer(in_dim, hidden), GCNLayer(hidden, num_classes)

    def forward(self, x: torch.Tensor, edges: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return self.second(F.relu(self.first(x, edges, weights)), edges, weights)


if __name__ == "__main__":
    torch.manual_seed(0)
    nodes, classes = 300, 3
    labels = torch.arange(nodes) % classes
    chance = torch.where(labels[:, None] == labels, 0.08, 0.005)  # friends are mostly of one's own kind
    edges = undirected(torch.bernoulli(chance.triu(1)).nonzero().T)
    features = 0.5 * F.one_hot(labels, classes) + torch.randn(nodes, classes)  # says little by itself
    edges, weights = gcn_edges(edges, nodes=nodes)

    adjacency = torch.zeros(nodes, nodes)
    adjacency[edges[1], edges[0]] = 1  # with self-loops
    scale = torch.diag(adjacency.sum(dim=1).rsqrt())
    layer = GCNLayer(classes, 4)
    torch.testing.assert_close(layer(features, edges, weights), scale @ adjacency @ scale @ layer.linear(features))

    labelled = torch.arange(nodes) < 60  # twenty of each class
    model = GCN(classes, 16, classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=5e-4)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        logits = model(features, edges, weights)  # (V, C), all nodes at once
        loss = F.cross_entropy(logits[labelled], labels[labelled])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]

    right = (logits.argmax(dim=1) == labels)[~labelled].float().mean().item()
    alone = (features.argmax(dim=1) == labels)[~labelled].float().mean().item()
    print(f"right on the other nodes: {right:.0%}, by their own features {alone:.0%}")
    assert right > alone + 0.15 and right > 0.7
