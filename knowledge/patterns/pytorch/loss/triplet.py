# /// pattern
# id = "pt.loss.triplet"
# topic = "loss.metric-learning"
# twin = "tf.loss.triplet"
# questions = [
#   "triplet loss pytorch",
#   "hard negative mining in the batch",
#   "metric learning embeddings face recognition loss",
#   "pairwise distances have nan gradient",
#   "TripletMarginLoss with mining",
#   "triplet los batch hard torch",
# ]
# errors = ["Function 'SqrtBackward0' returned nan values in its 0th output"]
# apis = ["torch.nn.functional.normalize"]
# replaces = ["pytorch_metric_learning.losses.TripletMarginLoss"]
# why = """Each sample should be closer to its own class than to any other, by a margin. Random triplets are soon all
# solved and give no gradient; batch-hard mining takes the farthest friend and the nearest stranger of each sample."""
# pitfalls = """The root of 0 has an infinite gradient, and every sample is at distance 0 of itself: clamp below the
# root. A batch needs at least two samples of a class."""
# when_not = "Labels for all classes at hand: cross entropy trains faster, and its features serve as embeddings."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the gradient is NaN"
# ///
"""Triplet loss with the hardest positive and negative of each sample in the batch."""

import torch
from torch import nn
from torch.nn import functional as F


def pairwise_distances(x: torch.Tensor) -> torch.Tensor:
    """(N, D) to (N, N), with gradients that are finite on the diagonal too."""
    squared = (x[:, None] - x[None, :]).square().sum(dim=2)
    return squared.clamp(min=1e-12).sqrt()


def batch_hard_triplet_loss(embeddings: torch.Tensor, labels: torch.Tensor, *, margin: float = 0.2) -> torch.Tensor:
    """Embeddings (N, D) and labels (N,) to a scalar; samples without a positive or a negative are left out."""
    distances = pairwise_distances(embeddings)  # (N, N)
    same = labels[:, None] == labels
    positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    farthest = distances.masked_fill(~positive, -torch.inf).amax(dim=1)  # (N,)
    nearest = distances.masked_fill(same, torch.inf).amin(dim=1)  # (N,)
    usable = positive.any(dim=1) & ~same.all(dim=1)
    return F.relu(farthest[usable] - nearest[usable] + margin).sum() / usable.sum().clamp(min=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    points, labels = torch.randn(6, 2, requires_grad=True), torch.tensor([0, 0, 0, 1, 1, 2])
    loss = batch_hard_triplet_loss(points, labels, margin=1.0)
    terms = []
    for i in range(5):  # the last one is alone in its class
        distance = [(points[i] - points[j]).norm().item() for j in range(6)]
        hardest = max(distance[j] for j in range(6) if labels[j] == labels[i] and j != i)
        terms.append(max(0.0, hardest - min(distance[j] for j in range(6) if labels[j] != labels[i]) + 1.0))
    assert abs(loss.item() - sum(terms) / 5) < 1e-5
    loss.backward()
    assert points.grad.isfinite().all()

    labels = torch.arange(60) % 3
    features = torch.randn(60, 8)  # the class is in the sign of two of them, drowned in the others
    features[:, 0] = 0.8 * (labels - 1) + 0.05 * torch.randn(60)
    model = nn.Linear(8, 2)

    def embed() -> torch.Tensor:
        return F.normalize(model(features), dim=1)

    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = batch_hard_triplet_loss(embed(), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    distances = pairwise_distances(embed()).detach().fill_diagonal_(torch.inf)
    accuracy = (labels[distances.argmin(dim=1)] == labels).float().mean().item()  # of the nearest neighbour
    assert losses[-1] < 0.5 * losses[0] and accuracy > 0.9
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, nearest neighbour right: {accuracy:.2f}")
