# /// pattern
# id = "pt.data.synthetic-text"
# topic = "data.text"
# role = "data"
# provides = "synthetic-text"
# entry = "load_splits"
# twin = "tf.data.synthetic-text"
# questions = [
#   "synthetic token sequences for text classification pytorch",
#   "fake text data to test an lstm",
#   "dummy token ids with padding for a transformer",
#   "toy sequence classification dataset torch",
#   "random tokens that a model can learn",
#   "fake txt data transformer pytorch",
# ]
# errors = ["IndexError: index out of range in self"]
# apis = ["torch.randint", "torch.where", "torch.utils.data.TensorDataset"]
# why = """Sequences differ in length and a fifth of their tokens are those of the class, so the model must find them
# among the others and must not count the padding: what real text asks of it, without a download."""
# pitfalls = "Ids run from 0 (padding) to vocab_size - 1: the embedding needs vocab_size rows."
# when_not = "As soon as there is real text."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic token sequences that can be learnt: each class has tokens of its own among common ones.

Not real data: a stand-in of the right shape until load_splits reads the text that matters.
"""

from typing import NamedTuple

import torch
from torch.utils.data import TensorDataset

FIRST_TOKEN = 2  # 0 is padding, 1 is the unknown token
MAX_TOKENS_PER_CLASS = 20  # so that a thousand sequences show each of them often enough


class Splits(NamedTuple):
    """Disjoint sets of (ids, label): int64 (T,) padded with 0 on the right, int64 ()."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset


def load_splits(
    *,
    num_samples: int,
    vocab_size: int,
    sequence_length: int,
    num_classes: int,
    fractions: tuple[float, float, float],
    seed: int,
) -> Splits:
    """Ids (N, T) between half and all of T = sequence_length long; about a fifth of them tell the class."""
    if vocab_size < FIRST_TOKEN + 2 * num_classes:
        raise ValueError(f"{num_classes} classes need a vocab_size of at least {FIRST_TOKEN + 2 * num_classes}")
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randperm(num_samples, generator=generator) % num_classes  # (N,)
    lengths = torch.randint(max(1, sequence_length // 2), sequence_length + 1, (num_samples, 1), generator=generator)

    shape = (num_samples, sequence_length)
    tokens_per_class = min(MAX_TOKENS_PER_CLASS, (vocab_size - FIRST_TOKEN) // (2 * num_classes))
    first_common = FIRST_TOKEN + num_classes * tokens_per_class
    telling = FIRST_TOKEN + labels.unsqueeze(1) * tokens_per_class
    telling = telling + torch.randint(0, tokens_per_class, shape, generator=generator)
    common = torch.randint(first_common, vocab_size, shape, generator=generator)
    ids = torch.where(torch.rand(shape, generator=generator) < 0.2, telling, common)  # (N, T)
    ids[:, 0] = telling[:, 0]  # at least one in every sequence
    ids = ids.masked_fill(torch.arange(sequence_length) >= lengths, 0)

    num_train, num_val = (round(fraction * num_samples) for fraction in fractions[:2])
    sizes = [num_train, num_val, num_samples - num_train - num_val]
    return Splits(*(TensorDataset(*part) for part in zip(ids.split(sizes), labels.split(sizes), strict=True)))


if __name__ == "__main__":
    from torch import nn

    splits = load_splits(
        num_samples=1000, vocab_size=200, sequence_length=20, num_classes=4, fractions=(0.7, 0.15, 0.15), seed=0
    )
    ids, labels = splits.train.tensors
    assert ids.shape == (700, 20) and ids.max() < 200 and (ids[:, 0] != 0).all() and (ids == 0).any()

    torch.manual_seed(0)
    model = nn.Sequential(nn.EmbeddingBag(200, 16, padding_idx=0), nn.Linear(16, 4))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(ids), labels).backward()
        optimizer.step()
    test_ids, test_labels = splits.test.tensors
    accuracy = (model(test_ids).argmax(dim=1) == test_labels).float().mean().item()
    assert accuracy > 0.9, accuracy
    print(f"held-out accuracy of a bag of words: {accuracy:.3f}")
