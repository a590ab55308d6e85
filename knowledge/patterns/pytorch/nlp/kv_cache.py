# /// pattern
# id = "pt.nlp.kv-cache"
# topic = "nlp.decoding"
# questions = [
#   "kv cache in pytorch from scratch",
#   "speed up autoregressive generation by caching keys and values",
#   "is_causal with one query and a longer key sequence",
#   "scaled_dot_product_attention gives another result with kv cache",
#   "incremental decoding of a transformer",
#   "generation gets slower with every token",
#   "key value cashe attention torch",
# ]
# apis = ["torch.nn.functional.scaled_dot_product_attention", "torch.cat", "torch.Tensor.tril"]
# replaces = ["past_key_values", "use_cache=True", "is_causal=True"]
# why = """A token's key and value never change once it is written, so each new token needs its own query alone: T steps
# of T work and not of T squared, with the same outputs. Where queries are fewer than keys, is_causal=True lines the
# mask up with the first key: a single query sees one key only. Give the mask itself."""
# pitfalls = """Positions go on from the cache's length. torch.cat copies the whole cache at each step: for long texts
# write into a buffer of the full length."""
# when_not = "Training: all positions at once, without a cache."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the cached step differs"
# ///
"""Attention with a cache of keys and values: token by token, in pieces or at once, the outputs are the same."""

import torch
from torch import nn
from torch.nn import functional as F

Cache = tuple[torch.Tensor, torch.Tensor]
"""Keys and values so far, (N, heads, T, D / heads) each."""


class CachedAttention(nn.Module):
    """Causal self-attention for the next tokens (N, T, D), given the keys and values of those before."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor, cache: Cache | None = None) -> tuple[torch.Tensor, Cache]:
        parts = self.qkv(x).chunk(3, dim=2)
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        if cache is not None:
            key, value = torch.cat([cache[0], key], dim=2), torch.cat([cache[1], value], dim=2)
        new, total = query.shape[2], key.shape[2]
        seen = torch.ones(new, total, dtype=torch.bool, device=x.device).tril(total - new)  # (new, total)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.projection(attended.transpose(1, 2).flatten(2)), (key, value)


if __name__ == "__main__":
    torch.manual_seed(0)
    attention = CachedAttention(16, 4).eval()
    x = torch.randn(2, 9, 16)  # (N, T, D)
    with torch.inference_mode():
        at_once, full_cache = attention(x)

        cache, steps = None, []
        for t in range(9):
            output, cache = attention(x[:, t : t + 1], cache)
            steps.append(output)
        torch.testing.assert_close(torch.cat(steps, dim=1), at_once)
        torch.testing.assert_close(cache, full_cache)

        prompt, cache = attention(x[:, :5])  # the prompt in one go, then a piece of four
        rest, _ = attention(x[:, 5:], cache)
        torch.testing.assert_close(torch.cat([prompt, rest], dim=1), at_once)

    projected = 9, sum(range(1, 10))  # tokens through qkv, with the cache and without
    print(f"{projected[0]} tokens projected instead of {projected[1]}, cache {cache[0].numel() * 2:,} numbers")
