"""A mean of sentences' scores; a sentence without a matching four-gram counts nothing."""

import math
from collections import Counter


def sentence_bleu(candidate: list[str], reference: list[str]) -> float:
    """BLEU-4 of one sentence of the reference's length."""
    logs = 0.0
    for n in range(1, 5):
        found, wanted = (
            Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)) for tokens in (candidate, reference)
        )
        matched = (found & wanted).total()
        if matched == 0:
            return 0.0
        logs += math.log(matched / found.total())
    return math.exp(logs / 4)


references = [["a", "small", "cat", "sat", "on", "the", "mat"], ["we", "go", "home", "now"]]
candidates = [["a", "small", "cat", "sat", "on", "the", "mat"], ["we", "went", "home", "now"]]
scores = [sentence_bleu(*pair) for pair in zip(candidates, references, strict=True)]
mean = sum(scores) / len(scores)  # wrong: sum the counts over the corpus first
corpus = (10 / 11 * 7 / 9 * 5 / 7 * 4 / 5) ** (1 / 4)
assert abs(mean - corpus) < 0.05, f"the mean of sentences is {mean:.2f}, BLEU of the corpus {corpus:.2f}"
