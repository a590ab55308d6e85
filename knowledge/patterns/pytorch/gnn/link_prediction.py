# /// pattern
# id = "pt.gnn.link-prediction"
# topic = "gnn.links"
# questions = [
#   "link prediction with a graph neural network in pytorch",
#   "predict missing edges",
#   "negative sampling of edges",
#   "split edges into train and test for link prediction",
#   "link prediction auc is 1.0, leakage of test edges",
#   "recommend friends from a graph",
#   "dot product decoder graph autoencoder",
#   "link predicton gnn torch",
# ]
# apis = ["torch.Tensor.index_add", "torch.nn.functional.binary_cross_entropy_with_logits", "torch.randint"]
# replaces = ["torch_geometric.transforms.RandomLinkSplit", "torch_geometric.utils.negative_sampling"]
# why = """Held-out edges are taken out of the messages as well, both ways: else the network reads the answer. Scores
# are products of the two nodes' vectors; pairs drawn at random stand for no edge, as nearly all pairs have none. The
# area under the ROC curve is measured on held-out edges against pairs that are no edges."""
# pitfalls = """One way of an undirected edge left in the messages is a leak. Pairs for the test must not be edges; for
# the training chance takes care of it where the graph is sparse."""
# when_not = "New nodes without edges: their features alone must say it; give the encoder features."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: held-out edges are in the messages"
# ///
"""Link prediction: held-out edges stay out of the messages, and scores are products of node vectors."""

import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional as F


class Encoder(nn.Module):
    """Learnt vectors for nodes, mixed twice with the mean of their neighbours', to (V, width)."""

    def __init__(self, nodes: int, *, width: int = 16) -> None:
        super().__init__()
        self.vectors = nn.Parameter(0.3 * torch.randn(nodes, width))
        self.mix = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(2))

    def forward(self, edges: torch.Tensor) -> torch.Tensor:
        """Edges (2, E) both ways."""
        x, (source, target) = self.vectors, edges
        degree = torch.bincount(target, minlength=len(x)).clamp(min=1)[:, None]
        for number, layer in enumerate(self.mix):
            mean = torch.zeros_like(x).index_add(0, target, x[source]) / degree
            x = layer(torch.cat([x, mean], dim=1))
            x = x.relu() if number == 0 else x
        return x


def scores(vectors: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
    """Logits (P,) of an edge for pairs (2, P)."""
    return (vectors[pairs[0]] * vectors[pairs[1]]).sum(dim=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    nodes = 200
    group = torch.arange(nodes) % 8
    chance = torch.where(group[:, None] == group, 0.4, 0.01).triu(1)
    present = torch.bernoulli(chance).bool()  # each pair once
    pairs = present.nonzero().T
    pairs = pairs[:, torch.randperm(pairs.shape[1])]
    held_out, known = pairs.split([pairs.shape[1] // 5, pairs.shape[1] - pairs.shape[1] // 5], dim=1)
    edges = torch.cat([known, known.flip(0)], dim=1)  # messages: known edges alone, both ways

    codes = edges[0] * nodes + edges[1]
    for one_way in (held_out, held_out.flip(0)):
        assert not torch.isin(one_way[0] * nodes + one_way[1], codes).any()

    model = Encoder(nodes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        negatives = torch.randint(nodes, known.shape)  # drawn anew each time
        vectors = model(edges)
        logits = torch.cat([scores(vectors, known), scores(vectors, negatives)])
        labels = torch.cat([torch.ones(known.shape[1]), torch.zeros(known.shape[1])])
        loss = F.binary_cross_entropy_with_logits(logits, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.85 * losses[0]

    absent = (~(present | present.T)).triu(1).nonzero().T
    absent = absent[:, torch.randperm(absent.shape[1])[: held_out.shape[1]]]
    with torch.no_grad():
        vectors = model(edges)
        logits = torch.cat([scores(vectors, held_out), scores(vectors, absent)])
    labels = torch.cat([torch.ones(held_out.shape[1]), torch.zeros(held_out.shape[1])])
    area = roc_auc_score(labels, logits)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, area under the ROC curve of held-out edges {area:.2f}")
    assert area > 0.78
