# /// pattern
# id = "pt.data.csv-text"
# topic = "data.text"
# role = "data"
# provides = "csv-text"
# entry = "load_splits"
# twin = "tf.data.csv-text"
# questions = [
#   "text classification from a csv in pytorch",
#   "build a vocabulary without torchtext",
#   "tokenise text and pad sequences for an lstm",
#   "sentiment analysis on my csv file torch",
#   "turn sentences into padded id tensors",
#   "what replaces torchtext vocab and get_tokenizer",
#   "txt clasification csv lstm pytorch",
# ]
# errors = ["IndexError: index out of range in self", "No module named 'torchtext'"]
# apis = ["pandas.read_csv", "collections.Counter", "torch.utils.data.TensorDataset"]
# replaces = ["torchtext", "torchtext.vocab.build_vocab_from_iterator", "torchtext.data.utils.get_tokenizer",
#   "torchtext.data.Field"]
# why = """The vocabulary comes from the training texts alone, so validation and test words that were never seen become
# id 1, as they will in use. torchtext is no longer developed, and these few lines are all it was needed for."""
# pitfalls = "Id 0 is padding and id 1 unknown: give the embedding len(vocabulary) + 2 rows or use max_tokens."
# when_not = "Fine-tuning a pretrained model: use the tokeniser that it was trained with."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises IndexError: index out of range in self"
# ///
"""A CSV of texts and labels as padded token ids, split into train, validation and test sets."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset

PADDING_ID = 0
UNKNOWN_ID = 1
TOKEN = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


class Splits(NamedTuple):
    """Disjoint sets of (ids, label): int64 (T,) padded with 0 on the right, int64 () from 0 to C-1."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset
    vocabulary: dict[str, int]


def split_rows(labels: np.ndarray, fractions: tuple[float, float, float], *, seed: int) -> tuple[np.ndarray, ...]:
    """Shuffled row numbers of train, val and test; stratified where every class has rows enough for it."""
    train_fraction, val_fraction, test_fraction = fractions
    stratified = np.bincount(labels).min() * min(fractions) >= 2
    rows = np.arange(len(labels))
    rest, test = train_test_split(
        rows, test_size=test_fraction, stratify=labels if stratified else None, random_state=seed
    )
    train, val = train_test_split(
        rest,
        test_size=val_fraction / (train_fraction + val_fraction),
        stratify=labels[rest] if stratified else None,
        random_state=seed,
    )
    return train, val, test


def tokenize(text: str) -> list[str]:
    """Lower-case words and punctuation marks."""
    return TOKEN.findall(text.lower())


def build_vocabulary(texts: Iterable[str], *, max_tokens: int) -> dict[str, int]:
    """The commonest tokens, numbered from 2; with padding and unknown there are at most max_tokens ids."""
    counts = Counter(token for text in texts for token in tokenize(text))
    return {token: number for number, (token, _) in enumerate(counts.most_common(max_tokens - 2), start=2)}


def encode(text: str, vocabulary: dict[str, int], *, sequence_length: int) -> list[int]:
    """Ids of the first sequence_length tokens, filled up with 0."""
    ids = [vocabulary.get(token, UNKNOWN_ID) for token in tokenize(text)[:sequence_length]]
    return ids + [PADDING_ID] * (sequence_length - len(ids))


def load_splits(
    path: Path,
    *,
    text: str,
    label: str,
    max_tokens: int,
    sequence_length: int,
    fractions: tuple[float, float, float],
    seed: int,
) -> Splits:
    """Read the columns `text` and `label`; ids (N, T) with T = sequence_length, all of them below max_tokens."""
    table = pd.read_csv(path).dropna(subset=[text, label])
    texts = table[text].astype(str).to_list()
    classes, labels = np.unique(table[label].to_numpy(), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"column {label!r} of {path} holds one class only; classification needs two or more")

    train, val, test = split_rows(labels, fractions, seed=seed)
    vocabulary = build_vocabulary((texts[row] for row in train), max_tokens=max_tokens)
    ids = torch.tensor([encode(line, vocabulary, sequence_length=sequence_length) for line in texts])  # (N, T)
    targets = torch.tensor(labels, dtype=torch.int64)  # (N,)
    parts = (TensorDataset(ids[rows], targets[rows]) for rows in (train, val, test))
    return Splits(*parts, vocabulary=vocabulary)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    good, bad = ["What a fine film!", "I didn't want it to end."], ["Two hours lost.", "Dull, dull, dull."]
    table = pd.DataFrame({"review": (good + bad) * 25, "mood": ["good", "good", "bad", "bad"] * 25})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.csv"
        table.to_csv(path, index=False)
        splits = load_splits(
            path, text="review", label="mood", max_tokens=15, sequence_length=6, fractions=(0.7, 0.15, 0.15), seed=0
        )
    ids, labels = splits.train.tensors
    assert ids.shape == (len(labels), 6) and ids.dtype == labels.dtype == torch.int64
    assert ids.max() < 15 and len(splits.vocabulary) == 13 and PADDING_ID in ids and UNKNOWN_ID in ids
    assert tokenize("I didn't, really.") == ["i", "didn't", ",", "really", "."]
    print(splits.vocabulary)
