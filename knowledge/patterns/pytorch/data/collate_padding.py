# /// pattern
# id = "pt.data.collate-padding"
# topic = "data.collate"
# questions = [
#   "collate_fn example pytorch",
#   "custom collate function to pad sequences in a DataLoader",
#   "batch samples of different sizes dataloader",
#   "default_collate stack expects each tensor to be equal size",
#   "return a dict or named tuple from collate_fn",
#   "pin_memory with a custom batch type",
#   "costum collate_fn variable length",
# ]
# errors = [
#   "RuntimeError: stack expects each tensor to be equal size, but got [3] at entry 0 and [1] at entry 1",
#   "TypeError: default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found",
# ]
# apis = ["torch.utils.data.DataLoader", "torch.nn.utils.rnn.pad_sequence"]
# replaces = ["torchtext.data.BucketIterator", "padding to a fixed max_len in the Dataset"]
# why = """The loader hands a list of samples to collate_fn, and what it returns is the batch: there the sequences are
# padded, only up to the longest of these, and the mask is made while the true lengths are known. A NamedTuple keeps its
# fields together through pin_memory and to(device)."""
# pitfalls = """A lambda or a local function cannot be pickled for workers that are spawned (Windows, macOS): write a
# function of the module. Do the costly work per sample in __getitem__, the joining alone here."""
# when_not = "All samples have one shape: the default joins tensors, numbers, dicts and tuples by itself."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: stack expects each tensor to be equal size, but got [3] at entry 0"
# ///
"""A collate function: samples of different lengths become one padded batch with its mask."""

from typing import NamedTuple

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

PADDING = 0


class Batch(NamedTuple):
    """B sequences, filled up to the length T of the longest."""

    tokens: torch.Tensor  # (B, T) int64
    mask: torch.Tensor  # (B, T) bool, True where a token is
    labels: torch.Tensor  # (B,) int64


class Sentences(Dataset[tuple[torch.Tensor, int]]):
    """Token ids (T_i,) and a label for each sentence."""

    def __init__(self, sentences: list[list[int]], labels: list[int]) -> None:
        self.sentences, self.labels = sentences, labels

    def __len__(self) -> int:
        return len(self.sentences)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.tensor(self.sentences[index]), self.labels[index]


def pad_batch(samples: list[tuple[torch.Tensor, int]]) -> Batch:
    """What the data set gave for each index, joined."""
    sequences, labels = zip(*samples, strict=True)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    tokens = pad_sequence(sequences, batch_first=True, padding_value=PADDING)
    mask = torch.arange(tokens.shape[1]) < lengths[:, None]
    return Batch(tokens, mask, torch.tensor(labels))


if __name__ == "__main__":
    dataset = Sentences([[5, 6, 7], [8], [9, 0], [4, 4, 4, 4]], labels=[0, 1, 1, 0])  # 0 is a token here, too
    first, second = DataLoader(dataset, batch_size=2, collate_fn=pad_batch)
    assert first.tokens.tolist() == [[5, 6, 7], [8, 0, 0]] and first.labels.tolist() == [0, 1]
    assert second.tokens.shape == (2, 4)  # the longest of this batch, not of the whole set
    assert second.mask.tolist() == [[True, True, False, False], [True] * 4]

    embedding = torch.nn.Embedding(10, 3)
    vectors = embedding(second.tokens)  # (B, T, 3)
    weights = second.mask[..., None].float()
    mean = (vectors * weights).sum(dim=1) / weights.sum(dim=1)
    alone = embedding(torch.tensor([9, 0])).mean(dim=0)  # the third sentence without a batch around it
    torch.testing.assert_close(mean[0], alone)

    through_worker = list(DataLoader(dataset, batch_size=2, collate_fn=pad_batch, num_workers=1))
    assert all(a.equal(b) for a, b in zip(through_worker[1], second, strict=True))
    print(second)
