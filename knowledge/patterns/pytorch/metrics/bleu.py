# /// pattern
# id = "pt.metrics.bleu"
# topic = "metrics.text"
# questions = [
#   "compute bleu score pytorch without nltk",
#   "corpus bleu or mean of sentence bleu",
#   "evaluate a translation model with bleu",
#   "bleu score is 0 for short sentences",
#   "brevity penalty bleu formula",
#   "metric for generated text against references",
#   "blue score translaton",
# ]
# apis = ["collections.Counter", "torch.Tensor.tolist"]
# replaces = ["torchtext.data.metrics.bleu_score", "nltk.translate.bleu_score.sentence_bleu", "mean of sentence_bleu"]
# why = """BLEU (Papineni et al., P02-1040) is a figure of a corpus: matches and lengths are summed over all sentences,
# then come precision for 1 to 4 tokens, geometric mean and the penalty for being too short. A mean of sentences' scores
# is another number: one sentence without a matching four-gram counts 0 there, however many of its words are right."""
# pitfalls = """Counts are clipped by the reference, or "the the the" scores full marks. Scores of other tokenisations
# are not comparable: drop padding, begin and end tokens, and say which tokens were counted."""
# when_not = "Figures for a publication: sacrebleu, which fixes the tokenisation."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the mean of sentences"
# ///
"""BLEU of a corpus of token ids, from counts that are summed over the sentences."""

import math
from collections import Counter

import torch

Tokens = list[int]


def ngrams(tokens: Tokens, n: int) -> Counter[tuple[int, ...]]:
    """How often each run of n tokens occurs."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def corpus_bleu(candidates: list[Tokens], references: list[Tokens], *, order: int = 4) -> float:
    """0 to 1, for one reference each. 0 where no run of `order` tokens matches in the whole corpus."""
    matched, possible = [0] * order, [0] * order
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, order + 1):
            found = ngrams(candidate, n)
            matched[n - 1] += (found & ngrams(reference, n)).total()  # the smaller count of both: clipped
            possible[n - 1] += found.total()
    if min(matched) == 0:
        return 0.0
    log_precision = sum(math.log(m / p) for m, p in zip(matched, possible, strict=True)) / order
    length, wanted = sum(map(len, candidates)), sum(map(len, references))
    return math.exp(min(0.0, 1 - wanted / length) + log_precision)


def unpadded(ids: torch.Tensor, *, pad: int, end: int) -> list[Tokens]:
    """Rows of (B, T) up to the end token, which is not counted, without padding."""
    rows = [row[: row.index(end)] if end in row else row for row in ids.tolist()]
    return [[token for token in row if token != pad] for row in rows]


if __name__ == "__main__":
    pad, end = 0, 1
    references = unpadded(torch.tensor([[5, 6, 7, 8, 9, 1, 0], [3, 4, 5, 6, 1, 0, 0]]), pad=pad, end=end)
    candidates = unpadded(torch.tensor([[5, 6, 7, 8, 2, 1, 9], [3, 4, 5, 6, 1, 0, 0]]), pad=pad, end=end)
    assert references == [[5, 6, 7, 8, 9], [3, 4, 5, 6]] and candidates[0] == [5, 6, 7, 8, 2]

    by_hand = (8 / 9 * 6 / 7 * 4 / 5 * 2 / 3) ** (
        1 / 4
    )  # of 9 tokens 8 match, of 7 pairs 6, of 5 triples 4, of 3 fours 2
    assert abs(corpus_bleu(candidates, references) - by_hand) < 1e-12
    assert corpus_bleu(references, references) == 1.0

    short = corpus_bleu([[5, 6, 7, 8]], [[5, 6, 7, 8, 9]])  # all right, one token short
    assert abs(short - math.exp(1 - 5 / 4)) < 1e-12
    assert corpus_bleu([[7, 7, 7, 7]], [[5, 6, 7, 8]], order=1) == 1 / 4  # clipped
    print(f"corpus {corpus_bleu(candidates, references):.3f}, one token short {short:.3f}")
