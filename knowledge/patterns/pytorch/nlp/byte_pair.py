# /// pattern
# id = "pt.nlp.byte-pair"
# topic = "nlp.tokenisation"
# questions = [
#   "byte pair encoding from scratch",
#   "train a BPE tokenizer in python",
#   "how does the GPT tokenizer work",
#   "build my own subword vocabulary without unknown words",
#   "encode and decode text to token ids",
#   "utf-8 codec can't decode byte when decoding tokens one by one",
#   "tokeniser with no unknwon token",
#   "bpe merges",
# ]
# errors = ["UnicodeDecodeError: 'utf-8' codec can't decode byte"]
# apis = ["collections.Counter", "codecs.getincrementaldecoder", "torch.tensor"]
# replaces = ["torchtext.data.functional.generate_sp_model", "tiktoken", "tokenizers.ByteLevelBPETokenizer"]
# why = """Starting from the 256 bytes, the commonest pair of neighbours becomes a token, again and again. Every text
# can be written with bytes, so nothing is unknown, and decoding is exact. New text is merged in the order of
# learning."""
# pitfalls = """A character outside of ASCII is several bytes and may lie in two tokens: show streamed text through an
# incremental decoder. Split at spaces first, or merges run across words."""
# when_not = "A pretrained model: its own tokeniser. Gigabytes of text: the tokenizers library, written in Rust."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises UnicodeDecodeError: 'utf-8' codec can't decode byte"
# ///
"""Byte-pair encoding: learn merges from a text, encode any text, and get it back exactly."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

import torch

WORD = re.compile(r" ?\S+|\s+")
"""A word with the space before it; merges stay inside."""


def merge(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """The ids with each occurrence of the pair replaced, from left to right."""
    merged: list[int] = []
    for token in ids:
        if merged and (merged[-1], token) == pair:
            merged[-1] = new
        else:
            merged.append(token)
    return merged


def learn_merges(text: str, count: int) -> dict[tuple[int, int], int]:
    """Pairs of tokens in the order in which they were joined, each with its new id from 256 on."""
    words = [(list(word.encode()), times) for word, times in Counter(WORD.findall(text)).items()]
    merges: dict[tuple[int, int], int] = {}
    for new in range(256, 256 + count):
        pairs: Counter[tuple[int, int]] = Counter()
        for ids, times in words:
            for pair in pairwise(ids):
                pairs[pair] += times
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))  # ties: always the same one
        merges[best] = new
        words = [(merge(ids, best, new), times) for ids, times in words]
    return merges


def encode(text: str, merges: dict[tuple[int, int], int]) -> list[int]:
    """Token ids; the merge that was learnt first is done first."""
    encoded: list[int] = []
    for word in WORD.findall(text):
        ids = list(word.encode())
        while known := [pair for pair in pairwise(ids) if pair in merges]:
            first = min(known, key=merges.__getitem__)
            ids = merge(ids, first, merges[first])
        encoded += ids
    return encoded


def token_bytes(merges: dict[tuple[int, int], int]) -> dict[int, bytes]:
    """What each token stands for."""
    table = {value: bytes([value]) for value in range(256)}
    for (left, right), new in merges.items():
        table[new] = table[left] + table[right]
    return table


def stream(ids: Iterable[int], table: dict[int, bytes]) -> Iterator[str]:
    """Text for each token as soon as its characters are complete."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for token in ids:
        yield decoder.decode(table[token])


if __name__ == "__main__":
    text = "low lower lowest slow slower slowest " * 20
    merges = learn_merges(text, 12)
    table = token_bytes(merges)
    assert list(merges.items())[:2] == [((111, 119), 256), ((108, 256), 257)] and table[257] == b"low"

    ids = torch.tensor(encode(text, merges))  # (T,), what an embedding of 256 + len(merges) rows takes
    assert ids.max() < 256 + len(merges) and len(ids) < 0.5 * len(text)
    for sample in (text, "Grüße, 世界! 🙂\n\ttabs", "", "unseen words"):
        coded = encode(sample, merges)
        assert b"".join(table[token] for token in coded).decode() == sample
        assert "".join(stream(coded, table)) == sample
    assert next(stream(encode("é", merges), table)) == ""  # half of a character: nothing to show yet
    print(f"{len(text)} characters, {len(ids)} tokens:", [table[token].decode() for token in ids[:6].tolist()])
