# /// pattern
# id = "pt.gnn.graph-batch"
# topic = "gnn.graphs"
# questions = [
#   "graph classification with batches of graphs of different size",
#   "batch several graphs into one big graph",
#   "global mean pooling per graph with index_add",
#   "what is the batch vector in pytorch geometric",
#   "collate function for graphs without torch_geometric",
#   "read out a vector for each graph",
#   "graph clasification batching torch",
# ]
# apis = ["torch.Tensor.index_add", "torch.repeat_interleave", "torch.cumsum", "torch.bincount"]
# replaces = ["torch_geometric.data.Batch", "torch_geometric.nn.global_mean_pool", "dgl.batch"]
# why = """Graphs laid side by side are one graph without edges between them: node numbers are moved on by the nodes
# before, a vector says to which graph each node belongs, and pooling sums by it. No padding, and the answers are those
# of each graph alone."""
# pitfalls = """Edges without the offset join nodes of the first graph for all graphs, without an error. A mean hides
# the size of a graph: take the sum where counts matter."""
# when_not = "One large graph: sample neighbourhoods instead."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: edges of the second graph"
# ///
"""Graph classification: graphs of different sizes in one batch, and a vector for each by pooling."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F


class Graph(NamedTuple):
    """Features (V, D), edges (2, E) both ways, and a label."""

    x: torch.Tensor
    edges: torch.Tensor
    label: int


class Batch(NamedTuple):
    """All nodes (V, D), edges (2, E) among them, the graph (V,) of each node, and labels (N,)."""

    x: torch.Tensor
    edges: torch.Tensor
    graph: torch.Tensor
    labels: torch.Tensor


def collate(graphs: list[Graph]) -> Batch:
    """For DataLoader(collate_fn=collate)."""
    sizes = torch.tensor([len(graph.x) for graph in graphs])
    offsets = (sizes.cumsum(dim=0) - sizes).tolist()  # nodes before each graph
    return Batch(
        torch.cat([graph.x for graph in graphs]),
        torch.cat([graph.edges + offset for graph, offset in zip(graphs, offsets, strict=True)], dim=1),
        torch.repeat_interleave(torch.arange(len(graphs)), sizes),
        torch.tensor([graph.label for graph in graphs]),
    )


class GraphClassifier(nn.Module):
    """Two rounds of messages, the sum of each graph's nodes, a linear head: a batch to logits (N, num_classes)."""

    def __init__(self, in_dim: int, num_classes: int, *, width: int = 32) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(in_dim, width), nn.Linear(width, width)
        self.head = nn.Linear(width, num_classes)

    def forward(self, batch: Batch) -> torch.Tensor:
        x, (source, target) = batch.x, batch.edges
        for layer in (self.first, self.second):
            x = F.relu(layer(x + torch.zeros_like(x).index_add(0, target, x[source])))  # itself and its neighbours
        pooled = x.new_zeros(len(batch.labels), x.shape[1]).index_add(0, batch.graph, x)  # (N, width)
        return self.head(pooled / torch.bincount(batch.graph, minlength=len(batch.labels))[:, None])


def random_graph() -> Graph:
    """A ring (0) or a star (1) of 5 to 9 nodes; features say nothing, edges all."""
    size, label = int(torch.randint(5, 10, ())), int(torch.randint(2, ()))
    nodes = torch.arange(size)
    pairs = torch.stack([nodes[1:], torch.zeros_like(nodes[1:])]) if label else torch.stack([nodes, nodes.roll(1)])
    return Graph(torch.ones(size, 1), torch.cat([pairs, pairs.flip(0)], dim=1), label)


if __name__ == "__main__":
    torch.manual_seed(0)
    graphs = [random_graph() for _ in range(300)]
    model = GraphClassifier(1, 2)

    batch = collate(graphs[:8])
    alone = torch.cat([model(collate([graph])) for graph in graphs[:8]])
    torch.testing.assert_close(model(batch), alone)  # graphs do not see each other
    assert batch.graph[batch.edges[0]].equal(batch.graph[batch.edges[1]])  # no edge leads from one to another

    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(5):
        for batch in torch.utils.data.DataLoader(graphs[:240], batch_size=32, shuffle=True, collate_fn=collate):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), batch.labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]

    test = collate(graphs[240:])
    right = (model(test).argmax(dim=1) == test.labels).float().mean().item()
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {right:.0%} of new graphs right")
    assert right > 0.9
