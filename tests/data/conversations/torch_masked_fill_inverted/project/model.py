"""A miniature GPT with its attention written out."""

import torch
from torch import nn
from torch.nn import functional as F


class CausalSelfAttention(nn.Module):
    """(batch, length, width) -> (batch, length, width)."""

    def __init__(self, width: int, heads: int, max_length: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.register_buffer("tril", torch.tril(torch.ones(max_length, max_length)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, length, width = x.shape
        query, key, value = (
            part.unflatten(-1, (self.heads, width // self.heads)).transpose(1, 2) for part in self.qkv(x).chunk(3, -1)
        )  # each (batch, heads, length, width / heads)
        scores = query @ key.transpose(-2, -1) / (width // self.heads) ** 0.5
        scores = scores.masked_fill(self.tril[:length, :length] == 0, float("-inf"))
        mixed = F.softmax(scores, dim=-1) @ value
        return self.out(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, max_length: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = CausalSelfAttention(width, heads, max_length)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class MiniGPT(nn.Module):
    """(batch, length) ids -> (batch, length, vocabulary) logits."""

    def __init__(self, vocabulary: int, max_length: int, width: int = 48, heads: int = 4, blocks: int = 1) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(max_length, width)
        self.blocks = nn.Sequential(*(Block(width, heads, max_length) for _ in range(blocks)))
        self.head = nn.Linear(width, vocabulary)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        return self.head(self.blocks(self.tokens(ids) + self.positions(places)))
