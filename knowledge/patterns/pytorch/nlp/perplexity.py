# /// pattern
# id = "pt.nlp.perplexity"
# topic = "nlp.evaluation"
# questions = [
#   "compute perplexity of a language model in pytorch",
#   "perplexity from cross entropy loss",
#   "perplexity of a text longer than the context, sliding window",
#   "average perplexity over batches is wrong",
#   "exp of loss, weighted by tokens",
#   "bits per character from loss",
#   "perplexty language model torch",
# ]
# apis = ["torch.nn.functional.cross_entropy", "torch.inference_mode", "math.exp"]
# replaces = ["torchmetrics.text.Perplexity", "evaluate.load('perplexity')"]
# why = """Perplexity is exp of the mean loss over all tokens: sum the losses, count the tokens, exponentiate once at
# the end. A text longer than the context goes through in windows that overlap; each token counts once, with as much
# before it as there is room for."""
# pitfalls = """The mean of batches' perplexities is too high, and depends on how the batches are cut. Perplexities of
# different tokenisers cannot be compared: bits for each character can."""
# when_not = "What matters is an answer: score the answers."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the perplexity depends on the batches"
# ///
"""Perplexity of a text of any length: exact over its tokens, in overlapping windows of the context."""

import math
from collections.abc import Callable

import torch
from torch.nn import functional as F


@torch.inference_mode()
def perplexity(model: Callable[[torch.Tensor], torch.Tensor], ids: torch.Tensor, *, context: int, stride: int) -> float:
    """Of ids (T,) after the first one; the model takes (1, t), t up to context, and gives logits (1, t, V)."""
    total, counted = 0.0, 1  # the first token has nothing before it
    for begin in range(0, len(ids), stride):
        end = min(begin + context, len(ids))
        new = end - counted  # tokens that no window before this one has counted
        logits = model(ids[None, begin : end - 1])[0, -new:]  # (new, V)
        total += F.cross_entropy(logits, ids[end - new : end], reduction="sum").item()
        counted = end
        if end == len(ids):
            break
    return math.exp(total / (len(ids) - 1))


if __name__ == "__main__":
    torch.manual_seed(0)
    table = torch.randn(8, 8, 8).log_softmax(dim=2)  # a language: each token depends on the two before
    ids = [0, 1]
    for _ in range(500):
        ids.append(int(torch.multinomial(table[ids[-2], ids[-1]].exp(), 1)))
    text = torch.tensor(ids)

    longest = 0

    def model(window: torch.Tensor) -> torch.Tensor:
        """Knows the language; with one token before, it takes the mean over all that may stand before that."""
        global longest
        longest = max(longest, window.shape[1])
        first = table.exp().mean(dim=0).log()[window[:, :1]]  # (1, 1, V)
        return torch.cat([first, table[window[:, :-1], window[:, 1:]]], dim=1)

    whole = F.cross_entropy(model(text[None, :-1])[0], text[1:]).exp().item()
    longest = 0
    overlapping = perplexity(model, text, context=64, stride=32)
    assert longest < 64 and abs(overlapping - whole) < 1e-3  # two tokens of memory: a window is as good as all

    apart = perplexity(model, text, context=64, stride=63)  # each window begins with one token of the last
    assert apart > overlapping  # at each seam a token is guessed with less before it
    uniform = perplexity(lambda window: torch.zeros(1, window.shape[1], 8), text, context=64, stride=32)
    assert abs(uniform - 8) < 1e-4  # who knows nothing is undecided between all tokens
    print(f"perplexity {overlapping:.3f}, without overlap {apart:.3f}, knowing nothing {uniform:.1f}")
