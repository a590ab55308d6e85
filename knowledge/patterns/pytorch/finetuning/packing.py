# /// pattern
# id = "pt.finetuning.packing"
# topic = "finetuning.packing"
# questions = [
#   "pack several sequences into one row instead of padding",
#   "block diagonal attention mask for packed sequences",
#   "sequence packing for fine-tuning a transformer",
#   "packed samples attend to each other",
#   "position ids restart for packed sequences",
#   "too much padding, training is slow",
#   "sequnce packing torch",
# ]
# apis = ["torch.nn.functional.scaled_dot_product_attention", "torch.Tensor.tril"]
# replaces = ["SFTConfig(packing=True)", "DataCollatorWithFlattening", "torch.block_diag"]
# why = """Texts laid end to end in rows of one length waste almost nothing on padding. A token may attend only to
# earlier tokens with the same text number, and positions begin anew in each text: the outputs are those of each text
# alone."""
# pitfalls = """With the causal mask alone each text reads those before it. The last token of a text must not be asked
# for the first of the next: leave that label out."""
# when_not = """Texts of about one length: padding costs little. Very long rows: FlexAttention skips the blocks that are
# masked."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the second text reads the first"
# ///
"""Pack texts of different lengths into full rows, with a mask, positions and labels that keep them apart."""

import torch
from torch import nn
from torch.nn import functional as F

IGNORED = -100


def pack(texts: list[torch.Tensor], *, length: int) -> dict[str, torch.Tensor]:
    """Texts (T_i,), T_i up to length, to rows: ids, numbers (0 = padding), positions and labels (N, length).

    First fit, the longest first; labels are the ids of the next token of the same text.
    """
    rows: list[list[torch.Tensor]] = []
    for text in sorted(texts, key=len, reverse=True):
        row = next((row for row in rows if sum(map(len, row)) + len(text) <= length), None)
        if row is None:
            row = []
            rows.append(row)
        row.append(text)

    def fill(parts: list[torch.Tensor], value: int) -> torch.Tensor:
        joined = torch.cat(parts)
        return F.pad(joined, (0, length - len(joined)), value=value)

    return {
        "ids": torch.stack([fill(row, 0) for row in rows]),
        "numbers": torch.stack([fill([torch.full_like(t, i) for i, t in enumerate(row, 1)], 0) for row in rows]),
        "positions": torch.stack([fill([torch.arange(len(t)) for t in row], 0) for row in rows]),
        "labels": torch.stack([fill([F.pad(t[1:], (0, 1), value=IGNORED) for t in row], IGNORED) for row in rows]),
    }


def packed_mask(numbers: torch.Tensor) -> torch.Tensor:
    """Text numbers (N, T) to bool (N, 1, T, T), True where the row's position may attend to the column's."""
    same = numbers[:, :, None] == numbers[:, None, :]
    return same.tril()[:, None]


class Attention(nn.Module):
    """One layer of a language model: ids, positions (N, T) and a mask to logits (N, T, V)."""

    def __init__(self, vocab_size: int, width: int = 16) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab_size, width), nn.Embedding(64, width)
        self.qkv, self.head = nn.Linear(width, 3 * width), nn.Linear(width, vocab_size)

    def forward(self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.tokens(ids) + self.positions(positions)
        query, key, value = (part[:, None] for part in self.qkv(x).chunk(3, dim=2))  # (N, 1, T, D)
        return self.head(F.scaled_dot_product_attention(query, key, value, attn_mask=mask)[:, 0])


if __name__ == "__main__":
    torch.manual_seed(0)
    texts = [torch.randint(1, 20, (size,)) for size in (9, 3, 7, 2, 12, 5, 4)]
    batch = pack(texts, length=16)
    assert batch["ids"].shape == (3, 16) and (batch["numbers"] > 0).sum() == sum(map(len, texts))  # 42 of 48 places

    model = Attention(20)
    logits = model(batch["ids"], batch["positions"], packed_mask(batch["numbers"]))
    loss = F.cross_entropy(logits.flatten(0, 1), batch["labels"].flatten(), ignore_index=IGNORED, reduction="sum")

    alone = torch.zeros(())
    for text in texts:
        size = len(text)
        causal = torch.ones(size, size, dtype=torch.bool).tril()
        one = model(text[None], torch.arange(size)[None], causal)[0]
        alone = alone + F.cross_entropy(one[:-1], text[1:], reduction="sum")
        row, start = next(
            (row, start)
            for row in range(3)
            for start in range(17 - size)
            if batch["ids"][row, start:][:size].equal(text)
        )
        torch.testing.assert_close(logits[row, start : start + size], one)
    torch.testing.assert_close(loss, alone)
    print(f"{len(texts)} texts in {len(batch['ids'])} rows, {(batch['numbers'] > 0).float().mean():.0%} used")
