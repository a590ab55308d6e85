# /// pattern
# id = "pt.nlp.gpt"
# topic = "nlp.language-model"
# twin = "tf.nlp.gpt"
# questions = [
#   "write a small GPT from scratch in pytorch",
#   "decoder-only transformer with a causal mask",
#   "train a language model to predict the next token",
#   "how do I shift the labels by one for a causal LM",
#   "nanoGPT style transformer",
#   "language model loss goes to zero but generated text is garbage",
#   "masked self attention so it cannot look into the future",
#   "autoregresive transfomer pytorch",
# ]
# apis = ["torch.nn.functional.scaled_dot_product_attention", "torch.nn.Embedding", "torch.nn.LayerNorm"]
# replaces = ["torch.nn.TransformerDecoder", "torch.tril", "nn.Transformer.generate_square_subsequent_mask"]
# why = """With is_causal=True position t attends to 0..t alone, so one pass over a text is T training examples: the
# logits at t are compared with the token at t + 1. Without the mask the answer stands in the input and nothing is
# learnt."""
# pitfalls = """Logits lose their last position and labels their first. With tied weights start the embedding small
# (0.02): with nn.Embedding's own N(0, 1) the first logits are as large as sqrt(width)."""
# when_not = """A model of a given size and licence exists already: fine-tune it; this is for learning and for small
# symbols."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: position 0 sees the tokens after it"
# ///
"""A small GPT: a decoder-only transformer that predicts the next token and cannot look ahead."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """Causal self-attention, then a two-layer perceptron; each normalised before and added to its input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, T, D) to (N, T, D)."""
        qkv = self.qkv(self.attention_norm(x)).chunk(3, dim=2)
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in qkv)  # (N, heads, T, D/h)
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.projection(attended.transpose(1, 2).flatten(2))
        return x + self.mlp(self.mlp_norm(x))


class GPT(nn.Module):
    """Ids (N, T), T up to context, to logits (N, T, vocab_size) for the token that follows each position."""

    def __init__(self, vocab_size: int, *, context: int, width: int = 32, heads: int = 4, layers: int = 2) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab_size, width), nn.Embedding(context, width)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device))  # (N, T, D)
        return self.norm(self.blocks(x)) @ self.tokens.weight.T  # the head shares the embedding's weights


@torch.no_grad()
def continue_greedily(model: GPT, ids: torch.Tensor, *, steps: int) -> torch.Tensor:
    """(N, T) to (N, T + steps)."""
    for _ in range(steps):
        ids = torch.cat([ids, model(ids)[:, -1:].argmax(dim=2)], dim=1)
    return ids


if __name__ == "__main__":
    torch.manual_seed(0)
    start, step = torch.randint(0, 11, (256, 1)), torch.randint(1, 11, (256, 1))
    texts = (start + step * torch.arange(10)) % 11  # (256, 10): counting in steps, modulo 11
    model = GPT(11, context=10)

    changed = texts[:1].clone()
    changed[0, 6] = (changed[0, 6] + 1) % 11
    torch.testing.assert_close(model(changed)[:, :6], model(texts[:1])[:, :6])  # the past does not see token 6
    assert (model(changed)[:, 6:] - model(texts[:1])[:, 6:]).abs().amin() > 0

    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(150):
        batch = texts[torch.randint(len(texts), (64,))]
        optimizer.zero_grad()
        logits = model(batch[:, :-1])  # (N, T - 1, K)
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert abs(losses[0] - math.log(11)) < 0.1  # an untrained model knows nothing: 1 in 11
    assert losses[-1] < 0.5 * losses[0]  # the first step cannot be known: 1/9 of log(10) remains

    written = continue_greedily(model, texts[:, :3], steps=7)
    right = (written == texts).all(dim=1).float().mean().item()
    assert right > 0.9, right
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {right:.0%} continued without a mistake")
