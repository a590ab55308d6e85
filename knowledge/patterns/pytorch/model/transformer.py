# /// pattern
# id = "pt.model.transformer"
# topic = "model.text"
# role = "model"
# provides = "transformer"
# entry = "TransformerClassifier"
# twin = "tf.model.transformer"
# questions = [
#   "transformer encoder for text classification pytorch",
#   "self attention with padding mask from scratch",
#   "how to use scaled_dot_product_attention",
#   "pre-norm transformer block torch",
#   "key padding mask true or false",
#   "small transformer classifier without huggingface",
#   "transfomer sequence clasification pytroch",
# ]
# errors = ["embed_dim must be divisible by num_heads",
#   "The size of tensor a must match the size of tensor b at non-singleton dimension 3"]
# apis = ["torch.nn.functional.scaled_dot_product_attention", "torch.nn.LayerNorm", "torch.nn.Embedding",
#   "torch.nn.ModuleList"]
# replaces = ["torch.nn.TransformerEncoderLayer", "torch.nn.MultiheadAttention"]
# why = """Normalising before each sublayer keeps the residual path clean, so the network trains without a long warm-up
# (arXiv 2002.04745). The mask takes padding out of attention and out of the mean: more padding, the same logits."""
# pitfalls = """In scaled_dot_product_attention True means "may be attended to"; in nn.MultiheadAttention's
# key_padding_mask True means the opposite."""
# when_not = "A few hundred short texts: a bag of words or an LSTM learns more from them."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: padding changed the output"
# ///
"""A pre-norm transformer encoder that classifies padded token sequences and ignores the padding."""

import torch
from torch import nn
from torch.nn import functional as F


class SelfAttention(nn.Module):
    """Multi-head self-attention in which nobody attends to padding."""

    def __init__(self, hidden_dim: int, num_heads: int, *, dropout: float) -> None:
        super().__init__()
        if hidden_dim % num_heads:
            raise ValueError(f"hidden_dim ({hidden_dim}) must be divisible by num_heads ({num_heads})")
        self.num_heads = num_heads
        self.dropout = dropout
        self.qkv = nn.Linear(hidden_dim, 3 * hidden_dim)
        self.projection = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, x: torch.Tensor, is_token: torch.Tensor) -> torch.Tensor:
        """(N, T, D) and which of the positions are tokens, bool (N, T), to (N, T, D)."""
        query, key, value = (
            part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)  # (N, heads, T, D / heads)
            for part in self.qkv(x).chunk(3, dim=-1)
        )
        attended = F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=is_token[:, None, None, :],  # (N, 1, 1, T): True may be attended to
            dropout_p=self.dropout if self.training else 0.0,
        )
        return self.projection(attended.transpose(1, 2).flatten(2))


class EncoderBlock(nn.Module):
    """Attention, then a two-layer perceptron, each normalised before and added to its input."""

    def __init__(self, hidden_dim: int, num_heads: int, *, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(hidden_dim)
        self.attention = SelfAttention(hidden_dim, num_heads, dropout=dropout)
        self.mlp_norm = nn.LayerNorm(hidden_dim)
        self.mlp = nn.Sequential(
            nn.Linear(hidden_dim, 4 * hidden_dim), nn.GELU(), nn.Linear(4 * hidden_dim, hidden_dim)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, is_token: torch.Tensor) -> torch.Tensor:
        """(N, T, D) and bool (N, T) to (N, T, D)."""
        x = x + self.dropout(self.attention(self.attention_norm(x), is_token))
        return x + self.dropout(self.mlp(self.mlp_norm(x)))


class TransformerClassifier(nn.Module):
    """Token and position embeddings, num_layers encoder blocks, mean over the tokens, linear head. Id 0 is padding."""

    def __init__(
        self,
        *,
        vocab_size: int,
        sequence_length: int,
        num_classes: int,
        hidden_dim: int = 64,
        num_layers: int = 2,
        num_heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, hidden_dim, padding_idx=0)
        self.positions = nn.Parameter(0.02 * torch.randn(sequence_length, hidden_dim))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(EncoderBlock(hidden_dim, num_heads, dropout=dropout) for _ in range(num_layers))
        self.norm = nn.LayerNorm(hidden_dim)
        self.head = nn.Linear(hidden_dim, num_classes)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids (N, T), T up to sequence_length, to logits (N, num_classes)."""
        is_token = ids.ne(0)  # (N, T)
        is_token = is_token | ~is_token.any(dim=1, keepdim=True)  # an empty text is all tokens: softmax needs one
        x = self.dropout(self.embedding(ids) + self.positions[: ids.shape[1]])  # (N, T, D)
        for block in self.blocks:
            x = block(x, is_token)
        weights = is_token.unsqueeze(-1) / is_token.sum(dim=1)[:, None, None]  # (N, T, 1)
        pooled = (self.norm(x) * weights).sum(dim=1)  # (N, D), the mean over the tokens
        return self.head(pooled)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = TransformerClassifier(vocab_size=50, sequence_length=16, num_classes=3)
    ids, labels = torch.randint(1, 50, (32, 10)), torch.randint(0, 3, (32,))
    ids[:, 7:] = 0

    model.eval()
    longer = torch.cat([ids, torch.zeros(32, 5, dtype=torch.int64)], dim=1)
    torch.testing.assert_close(model(longer), model(ids))  # more padding, the same answer
    assert model(torch.zeros(2, 10, dtype=torch.int64)).isfinite().all()  # an empty text does no harm

    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(ids), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0], losses
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
