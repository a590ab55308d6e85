# /// pattern
# id = "pt.nlp.sinusoidal-positions"
# topic = "nlp.positions"
# twin = "tf.nlp.sinusoidal-positions"
# questions = [
#   "positional encoding in pytorch",
#   "sine and cosine positions for a transformer",
#   "PositionalEncoding module batch_first",
#   "why does a transformer need positions",
#   "positional encoding register_buffer",
#   "odd d_model positional encoding error",
#   "positonal encodng torch",
# ]
# apis = ["torch.nn.Module.register_buffer", "torch.sin", "torch.cos", "torch.exp"]
# replaces = ["PositionalEncoding of the transformer tutorial", "pe.unsqueeze(1)"]
# why = """Attention knows no order: without positions a text and its words shuffled give the same. Sines and cosines of
# frequencies from 1 down to 1/10,000 (arXiv 1706.03762) need no training and go on for any length; the product of two
# positions depends on their distance alone. A buffer moves with the model and is not trained."""
# pitfalls = """A table (T, 1, D) is for (T, N, D): added to (N, T, D) it numbers the samples and not the tokens,
# without an error. Scale embeddings by sqrt(D), or the positions are louder than the words."""
# when_not = "A fixed longest length: learned positions. A decoder of long texts: rotary positions."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: all tokens of a text have the same position"
# ///
"""Sinusoidal positions added to token embeddings, batch first."""

import math

import torch
from torch import nn


def sinusoids(length: int, dim: int) -> torch.Tensor:
    """(length, dim), dim even: sin in the even columns, cos in the odd ones, slower from left to right."""
    time = torch.arange(length)[:, None]  # (T, 1)
    frequencies = torch.exp(torch.arange(0, dim, 2) * (-math.log(10_000) / dim))  # (D / 2,)
    return torch.stack([torch.sin(time * frequencies), torch.cos(time * frequencies)], dim=2).flatten(1)


class TokensWithPositions(nn.Module):
    """Ids (N, T), T up to longest, to (N, T, dim)."""

    def __init__(self, vocab_size: int, dim: int, *, longest: int = 512, dropout: float = 0.1) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, dim)
        nn.init.normal_(self.tokens.weight, std=dim**-0.5)
        self.register_buffer("positions", sinusoids(longest, dim), persistent=False)  # (T, D): for every sample
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        scale = self.positions.shape[1] ** 0.5  # words as loud as positions
        return self.dropout(scale * self.tokens(ids) + self.positions[: ids.shape[1]])


if __name__ == "__main__":
    torch.manual_seed(0)
    table = sinusoids(100, 16)
    for t, column in ((0, 0), (7, 3), (99, 14)):
        angle = t / 10_000 ** (column // 2 * 2 / 16)
        assert abs(table[t, column] - (math.cos(angle) if column % 2 else math.sin(angle))) < 1e-5
    products = table @ table.T  # (T, T)
    for distance in (0, 1, 10):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-4, rtol=0)
    assert products[50].argmax() == 50

    embed = TokensWithPositions(20, 16).eval()
    assert [name for name, _ in embed.named_parameters()] == ["tokens.weight"] and len(embed.state_dict()) == 1
    ids = torch.randint(20, (3, 10))  # (N, T)
    added = embed(ids) - 4 * embed.tokens(ids)
    torch.testing.assert_close(added, table[:10].expand(3, -1, -1))  # the same for each sample, another for each token

    attention = nn.MultiheadAttention(16, 4, batch_first=True).eval()
    shuffled = ids[:, torch.randperm(10)]
    for ordered, (x, y) in (
        (False, (embed.tokens(ids), embed.tokens(shuffled))),
        (True, (embed(ids), embed(shuffled))),
    ):
        means = [attention(texts, texts, texts)[0].mean(dim=1) for texts in (x, y)]
        assert torch.allclose(*means, atol=1e-5) != ordered  # without positions the order is lost
    print(table[:3, :4])
