# /// pattern
# id = "pt.loss.contrastive"
# topic = "loss.metric-learning"
# twin = "tf.loss.contrastive"
# questions = [
#   "match images and captions, negatives from the same batch",
#   "contrastive loss pytorch InfoNCE",
#   "SimCLR NT-Xent loss implementation",
#   "clip loss image text pairs",
#   "temperature in contrastive learning",
#   "embeddings collapse to a constant",
#   "contrastiv learning loss torch",
# ]
# apis = ["torch.nn.functional.normalize", "torch.nn.functional.cross_entropy", "torch.arange"]
# replaces = ["NTXentLoss", "pytorch_metric_learning.losses.NTXentLoss"]
# why = """Among all of the batch each sample must pick its own partner: cross entropy over the similarities, with the
# diagonal as the labels, both ways. Cosines lie in [-1, 1]; divided by a temperature of 0.1 they are logits in [-10,
# 10], without it the loss cannot get near 0."""
# pitfalls = """Normalise, or length alone lowers the loss. With several devices gather the embeddings first: the
# negatives are the rest of the batch. Two samples of one class in a batch are false negatives."""
# when_not = "Pairs with graded similarity: CosineEmbeddingLoss or a regression of the cosine."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: cosines are no logits"
# ///
"""Contrastive loss for pairs: each sample finds its partner in the batch."""

import torch
from torch import nn
from torch.nn import functional as F


def contrastive_loss(left: torch.Tensor, right: torch.Tensor, *, temperature: float = 0.1) -> torch.Tensor:
    """Embeddings (N, D) of both sides, row i belonging to row i; symmetric InfoNCE, a scalar."""
    left, right = F.normalize(left, dim=1), F.normalize(right, dim=1)
    logits = left @ right.T / temperature  # (N, N)
    partner = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, partner) + F.cross_entropy(logits.T, partner)) / 2


if __name__ == "__main__":
    torch.manual_seed(0)
    left, right = torch.randn(5, 3), torch.randn(5, 3)
    cosine = torch.stack([F.cosine_similarity(row, right) for row in left]).double() / 0.1
    across = sum(-(cosine[i, i].exp() / cosine[i].exp().sum()).log() for i in range(5)) / 5
    down = sum(-(cosine[i, i].exp() / cosine[:, i].exp().sum()).log() for i in range(5)) / 5
    assert abs(contrastive_loss(left, right).item() - ((across + down) / 2).item()) < 1e-4
    torch.testing.assert_close(contrastive_loss(7 * left, right), contrastive_loss(left, right))  # length is no help

    content = torch.randn(256, 8)  # what both views share, each seen through a mixing and noise of its own
    first, second = ((content + 0.2 * torch.randn(256, 8)) @ torch.randn(8, 8) for _ in range(2))
    encoders = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
    optimizer = torch.optim.Adam(encoders.parameters(), lr=0.02)
    losses = []
    for _ in range(200):
        batch = torch.randperm(192)[:64]  # the last 64 pairs are never trained on
        optimizer.zero_grad()
        loss = contrastive_loss(encoders[0](first[batch]), encoders[1](second[batch]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    with torch.inference_mode():
        a, b = F.normalize(encoders[0](first[192:]), dim=1), F.normalize(encoders[1](second[192:]), dim=1)
    found = ((a @ b.T).argmax(dim=1) == torch.arange(64)).float().mean().item()
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, partner found for {found:.0%} of new pairs")
    assert losses[-1] < 0.5 * losses[0] and found > 0.7  # by chance: 1 in 64
