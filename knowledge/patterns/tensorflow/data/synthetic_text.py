# /// pattern
# id = "tf.data.synthetic-text"
# topic = "data.text"
# role = "data"
# provides = "synthetic-text"
# entry = "load_splits"
# twin = "pt.data.synthetic-text"
# questions = [
#     "synthetic token sequences for an lstm",
#     "fake text classification data keras",
#     "random padded integer sequences with labels",
#     "toy dataset to test a transformer classifier",
#     "dumy text data tensorflow",
# ]
# apis = ["numpy.random.default_rng"]
# why = """Every class prefers some of the words, and sequences have different lengths: a model that ignores the words
# stays at chance, and one that handles padding wrongly shows it."""
# pitfalls = "A good score here says that the program works, nothing about real language."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic texts: half of a text's words come from the short list of its class, the rest from the whole vocabulary.

A stand-in until real texts are there. Ids come as int32 (N, T); 0 is padding, 1 is kept for unknown words.
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


class Splits(NamedTuple):
    """Token ids int32 (N, T), 0 = padding, and labels int64 (N,) of each split."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def stratified_indices(
    labels: np.ndarray, *, fractions: tuple[float, float, float], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of train, val and test; every class keeps its share in each."""
    train, held_out = train_test_split(
        np.arange(len(labels)), train_size=fractions[0], stratify=labels, random_state=seed
    )
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, stratify=labels[held_out], random_state=seed)
    return train, val, test


def load_splits(
    *,
    num_samples: int,
    vocab_size: int,
    sequence_length: int,
    num_classes: int,
    fractions: tuple[float, float, float],
    seed: int,
) -> Splits:
    """Draw sequences of at least half of sequence_length words, pad them with 0 and split them."""
    rng = np.random.default_rng(seed)
    if vocab_size < num_classes + 2:
        raise ValueError(f"vocab_size must be at least {num_classes + 2}: padding, unknown and one word per class")
    labels = rng.permutation(np.arange(num_samples, dtype=np.int64) % num_classes)  # (N,)
    shape = (num_samples, sequence_length)
    words_per_class = min(20, (vocab_size - 2) // num_classes)
    own_words = 2 + labels[:, np.newaxis] * words_per_class + rng.integers(0, words_per_class, shape)  # (N, T)
    ids = np.where(rng.random(shape) < 0.5, own_words, rng.integers(2, vocab_size, shape))
    lengths = rng.integers(max(1, sequence_length // 2), sequence_length + 1, num_samples)
    ids = np.where(np.arange(sequence_length) < lengths[:, np.newaxis], ids, 0).astype(np.int32)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    return Splits((ids[train], labels[train]), (ids[val], labels[val]), (ids[test], labels[test]))


if __name__ == "__main__":
    splits = load_splits(
        num_samples=2000, vocab_size=100, sequence_length=24, num_classes=3, fractions=(0.7, 0.15, 0.15), seed=0
    )
    ids, labels = splits.train
    assert ids.shape == (1400, 24) and ids.dtype == np.int32 and ids.min() == 0 and ids.max() < 100
    counts = [np.apply_along_axis(np.bincount, 1, x, minlength=100) for x, _ in splits]  # (N, vocabulary)
    accuracy = LogisticRegression(C=0.1, max_iter=500).fit(counts[0], labels).score(counts[2], splits.test[1])
    print(ids.shape, f"accuracy of a bag of words {accuracy:.2f}")
    assert accuracy > 0.9
