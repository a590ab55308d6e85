# /// pattern
# id = "pt.nlp.rope"
# topic = "nlp.positions"
# questions = [
#   "rotary position embedding in pytorch",
#   "RoPE from scratch",
#   "difference between sinusoidal, learned and rotary positions",
#   "rotate_half cos sin attention",
#   "relative positions in attention without extra parameters",
#   "llama rope interleaved or half split, outputs are wrong after loading weights",
#   "rotary embeding torch",
# ]
# apis = ["torch.polar", "torch.view_as_complex", "torch.outer", "torch.Tensor.chunk"]
# replaces = ["torch.nn.Embedding positions", "sinusoidal PositionalEncoding"]
# why = """Each pair of a query's and a key's numbers is turned by an angle that grows with the position (arXiv
# 2104.09864). A product of two turned vectors depends on the difference of the angles, so scores see the distance
# alone; lengths stay as they were, and nothing is added to the values."""
# pitfalls = """Pairs are (i, i + D/2) or (2i, 2i + 1): cos and sin must be laid out like the rotation, and weights
# trained with one do not fit the other. Turn queries and keys, not values; compute angles in float32."""
# when_not = "Short fixed lengths: learned positions are simpler and as good."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the score of the same distance differs"
# ///
"""Rotary positions: queries and keys are turned, and their scores depend on the distance alone."""

import torch


def rope_angles(length: int, dim: int, *, base: float = 10_000.0) -> torch.Tensor:
    """Angles (length, dim / 2): position times base^(-2i / dim)."""
    frequencies = base ** (-torch.arange(0, dim, 2) / dim)  # (dim / 2,)
    return torch.outer(torch.arange(length), frequencies)


def rotate(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """(..., T, D) with the pair (i, i + D/2) of position t turned by angles[t, i]; angles (T, D / 2)."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


if __name__ == "__main__":
    torch.manual_seed(0)
    length, dim = 32, 8
    angles = rope_angles(length, dim)
    x = torch.randn(2, 4, length, dim)  # (N, heads, T, D)
    rotated = rotate(x, angles)

    as_complex = torch.view_as_complex(torch.stack(x.chunk(2, dim=-1), dim=-1))  # (N, heads, T, D / 2)
    turned = torch.view_as_real(as_complex * torch.polar(torch.ones_like(angles), angles))
    torch.testing.assert_close(rotated, torch.cat(turned.unbind(dim=-1), dim=-1))
    torch.testing.assert_close(rotated.norm(dim=-1), x.norm(dim=-1))  # no length is changed
    assert rotated[:, :, 0].equal(x[:, :, 0])

    query, key = torch.randn(dim), torch.randn(dim)
    queries, keys = (rotate(vector.expand(length, dim), angles) for vector in (query, key))
    scores = queries @ keys.T  # (T, T) of the same two vectors at all places
    for distance in range(-10, 11):
        diagonal = scores.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-4, rtol=1e-4)
    assert scores.diagonal(3)[0] - scores.diagonal(0)[0] != 0

    later = rotate(x[:, :, 20:21], angles[20:21])  # one token at place 20, as with a cache
    torch.testing.assert_close(later, rotated[:, :, 20:21])
    print(scores[0, :5])
