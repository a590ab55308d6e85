# /// pattern
# id = "tf.data.csv-text"
# topic = "data.text"
# role = "data"
# provides = "csv-text"
# entry = "load_splits"
# twin = "pt.data.csv-text"
# questions = [
#     "load a csv of texts and labels for keras",
#     "tokenize text for an lstm in tensorflow",
#     "TextVectorization adapt on train only",
#     "turn sentences into padded integer sequences",
#     "build a vocabulary from text keras 3",
#     "keras Tokenizer pad_sequences replacement",
#     "text clasification csv",
# ]
# errors = [
#     "AttributeError: module 'keras.preprocessing' has no attribute 'text'",
#     "ImportError: cannot import name 'Tokenizer'",
# ]
# apis = ["keras.layers.TextVectorization", "pandas.read_csv"]
# replaces = ["keras.preprocessing.text.Tokenizer", "keras.preprocessing.sequence.pad_sequences"]
# why = """The vocabulary is adapted on the training texts only: words that occur only in held-out texts must stay
# unknown, as they will in use. Ids are fixed before training, so the model sees integers and can run compiled."""
# pitfalls = "Id 0 is padding and 1 is unknown: the embedding needs vocabulary size rows, these two included."
# when_not = "Text for a pretrained transformer: use that model's own tokenizer."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A CSV file of texts and labels as padded token ids, with the vocabulary of the training texts."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


class Splits(NamedTuple):
    """Token ids int32 (N, T), 0 = padding, 1 = unknown, and labels int64 (N,) of each split."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    vocabulary: dict[str, int]


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
    path: Path,
    *,
    text: str,
    label: str,
    max_tokens: int,
    sequence_length: int,
    fractions: tuple[float, float, float],
    seed: int,
) -> Splits:
    """Read the file, split its rows and turn texts into ids with the max_tokens most frequent training words.

    Texts are lower-cased, freed of punctuation and cut or padded to sequence_length; labels, sorted, become 0..C-1.
    """
    table = pd.read_csv(path)
    if missing := {text, label} - set(table.columns):
        raise ValueError(f"{path.name} has no column {sorted(missing)}; its columns are {list(table.columns)}")
    table = table.dropna(subset=[text, label])
    texts = table[text].astype(str).to_numpy(dtype=object)  # (N,)
    _, labels = np.unique(table[label].to_numpy(), return_inverse=True)
    labels = labels.astype(np.int64)  # (N,)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    vectorizer = keras.layers.TextVectorization(max_tokens=max_tokens, output_sequence_length=sequence_length)
    vectorizer.adapt(texts[train])
    ids = np.asarray(vectorizer(texts), dtype=np.int32)  # (N, T)
    vocabulary = {str(token): index for index, token in enumerate(vectorizer.get_vocabulary())}
    return Splits((ids[train], labels[train]), (ids[val], labels[val]), (ids[test], labels[test]), vocabulary)


if __name__ == "__main__":
    texts = ["A fine, moving film.", "Dull and far too long!"] * 50
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.csv"
        pd.DataFrame({"review": texts, "stars": ["good", "bad"] * 50}).to_csv(path, index=False)
        splits = load_splits(
            path,
            text="review",
            label="stars",
            max_tokens=1000,
            sequence_length=8,
            fractions=(0.7, 0.15, 0.15),
            seed=0,
        )
    ids, labels = splits.train
    print(ids[:2], labels[:2], splits.vocabulary)
    assert ids.shape == (70, 8) and ids.dtype == np.int32 and ids.max() < len(splits.vocabulary)
    assert splits.vocabulary[""] == 0 and splits.vocabulary["[UNK]"] == 1 and "film" in splits.vocabulary
    assert (ids[:, 5:] == 0).all() and (ids[:, :4] > 1).all()  # four or five known words, then padding
