# /// pattern
# id = "pt.tensors.padding"
# topic = "tensors.padding"
# twin = "tf.tensors.padding"
# questions = [
#   "pad sequences of different length into a batch pytorch",
#   "stack expects each tensor to be equal size",
#   "mask from lengths torch",
#   "pad_sequence batch_first left padding",
#   "undo padding, back to a list of sequences",
#   "variable length tensors in one batch",
#   "padd sequences torhc mask",
# ]
# errors = ["stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1",
#   "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True"]
# apis = ["torch.nn.utils.rnn.pad_sequence", "torch.nn.utils.rnn.unpad_sequence", "torch.arange"]
# replaces = ["torchtext.data.Field", "torch.stack of different lengths"]
# why = """pad_sequence fills up to the longest of the batch; the lengths travel along, and one comparison with arange
# makes the mask that losses, pooling and attention need."""
# pitfalls = """A mask made as tokens != 0 is wrong where 0 is a value too. Generation with a decoder wants
# padding_side="left"."""
# when_not = "An LSTM: pack_padded_sequence skips the padding altogether."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: stack expects each tensor to be equal size, but got [2] at entry 0"
# ///
"""A batch of sequences of different lengths, with its mask, and back."""

import torch
from torch.nn.utils.rnn import pad_sequence, unpad_sequence


def pad(sequences: list[torch.Tensor], *, value: float = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences (T_i, ...) to a batch (B, T, ...) of the longest one's length T, and the lengths (B,)."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return pad_sequence(sequences, batch_first=True, padding_value=value), lengths


def mask_from_lengths(lengths: torch.Tensor, *, steps: int) -> torch.Tensor:
    """(B,) to a boolean (B, steps): True where the sequence is, False on the padding."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def masked_mean(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """x (B, T, D) and mask (B, T) to the mean (B, D) over the valid steps; sequences without any give 0."""
    total = (x * mask[..., None]).sum(dim=1)
    return total / mask.sum(dim=1, keepdim=True).clamp(min=1)


if __name__ == "__main__":
    torch.manual_seed(0)
    sequences = [torch.randn(length, 3) for length in (2, 5, 1)]
    batch, lengths = pad(sequences, value=99.0)  # (3, 5, 3)
    mask = mask_from_lengths(lengths, steps=batch.shape[1])
    assert mask.tolist() == [[True] * n + [False] * (5 - n) for n in (2, 5, 1)]
    assert batch[~mask].eq(99).all() and len(batch[mask]) == 8

    expected = torch.stack([sequence.mean(dim=0) for sequence in sequences])
    torch.testing.assert_close(masked_mean(batch, mask), expected)

    back = unpad_sequence(batch, lengths, batch_first=True)
    assert all(a.equal(b) for a, b in zip(back, sequences, strict=True))
    left = pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], batch_first=True, padding_side="left")
    assert left.tolist() == [[1, 2], [0, 3]]
    print(batch.shape)
