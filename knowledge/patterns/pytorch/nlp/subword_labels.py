# /// pattern
# id = "pt.nlp.subword-labels"
# topic = "nlp.tagging"
# questions = [
#   "align word labels with subword tokens",
#   "NER labels after subword tokenization",
#   "word_ids label alignment -100",
#   "one label per word but several tokens per word",
#   "get word predictions back from subword predictions",
#   "length of labels and input_ids differ in token classification",
#   "allign labels with tokens",
# ]
# apis = ["torch.nn.functional.cross_entropy", "torch.tensor"]
# replaces = ["tokenize_and_align_labels", "tokenizer(..., is_split_into_words=True).word_ids()"]
# why = """A word may be several pieces: its first piece carries the label, the others -100, so each word counts once in
# the loss and in the scores, however it is cut. The places of the first pieces give the predictions for words back."""
# pitfalls = """Tokenise word by word with the tokeniser of the model. Special tokens at both ends get -100 too. Cutting
# at the longest length cuts words: count what is lost."""
# when_not = "Labels are spans of characters: align by offsets."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Expected input batch_size (8) to match target batch_size (3)"
# ///
"""Labels of words on pieces of words: the first piece counts, and predictions go back to words."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch.nn import functional as F

START, END = 0, 1
IGNORED = -100


class Encoded(NamedTuple):
    """Ids (T,), labels (T,) and the place of each word's first piece (words,)."""

    ids: torch.Tensor
    labels: torch.Tensor
    first: torch.Tensor


def encode(words: list[str], labels: list[int], pieces: Callable[[str], list[int]], *, longest: int = 512) -> Encoded:
    """START, the pieces of the words as long as whole words fit, END."""
    ids, aligned, first = [START], [IGNORED], []
    for word, label in zip(words, labels, strict=True):
        parts = pieces(word)
        if len(ids) + len(parts) + 1 > longest:
            break
        first.append(len(ids))
        ids += parts
        aligned += [label] + [IGNORED] * (len(parts) - 1)
    return Encoded(torch.tensor([*ids, END]), torch.tensor([*aligned, IGNORED]), torch.tensor(first))


if __name__ == "__main__":
    torch.manual_seed(0)

    def pieces(word: str) -> list[int]:
        """Stands for a tokeniser: pieces of up to three letters."""
        return [2 + sum(map(ord, word[start : start + 3])) % 90 for start in range(0, len(word), 3)]

    words, labels = ["Ada", "Lovelace", "lived", "in", "Marylebone"], [1, 2, 0, 0, 3]
    encoded = encode(words, labels, pieces)
    assert encoded.ids.shape == encoded.labels.shape == (1 + 1 + 3 + 2 + 1 + 4 + 1,)
    assert encoded.labels.tolist() == [-100, 1, 2, -100, -100, 0, -100, 0, 3, -100, -100, -100, -100]
    assert encoded.labels[encoded.first].tolist() == labels

    logits = torch.randn(len(encoded.ids), 4, requires_grad=True)  # (T, tags), of any model
    loss = F.cross_entropy(logits, encoded.labels, ignore_index=IGNORED)
    of_words = logits[encoded.first]  # (words, tags): the predictions for words
    torch.testing.assert_close(loss, F.cross_entropy(of_words, torch.tensor(labels)))  # each word counts once
    loss.backward()
    assert (logits.grad.abs().sum(dim=1) > 0).sum() == len(words)

    cut = encode(words, labels, pieces, longest=9)
    assert len(cut.ids) <= 9 and len(cut.first) == 4  # the last word does not fit as a whole
    print(of_words.argmax(dim=1).tolist())
