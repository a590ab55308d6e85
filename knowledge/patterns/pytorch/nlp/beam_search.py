# /// pattern
# id = "pt.nlp.beam-search"
# topic = "nlp.decoding"
# questions = [
#   "beam search in pytorch",
#   "beam search decoding for a seq2seq model, batched",
#   "greedy decoding does not find the most likely sequence",
#   "length penalty in beam search",
#   "beam search prefers short sequences",
#   "reorder hidden states by beam index",
#   "beem search decoding torch",
# ]
# apis = ["torch.topk", "torch.Tensor.gather", "torch.Tensor.log_softmax"]
# replaces = ["transformers.BeamSearchScorer", "num_beams"]
# why = """Greedy takes the best token now, and cannot come back when it leads to poor ones. A beam keeps the k best
# beginnings by the sum of their log probabilities; of their k * V continuations the k best go on. Ended ones keep their
# place and their score."""
# pitfalls = """A sum of log probabilities favours short texts: divide by length^alpha at the end. Caches and hidden
# states must be taken along by the parent's index. All beams start alike: begin with one of them."""
# when_not = "Open-ended text: beams are dull and repeat themselves; sample."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: greedy found"
# ///
"""Beam search for a batch, checked against all possible sequences."""

import itertools
from collections.abc import Callable

import torch

END = 0


@torch.no_grad()
def beam_search(
    next_logits: Callable[[torch.Tensor], torch.Tensor], prompts: torch.Tensor, *, beams: int, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Texts (N, beams, T + steps), best first, END repeated after the first; and log probabilities (N, beams).

    next_logits takes ids (M, t) and gives logits (M, V).
    """
    count = len(prompts)
    ids = prompts[:, None].expand(-1, beams, -1)  # (N, beams, T)
    scores = torch.full((count, beams), -torch.inf)
    scores[:, 0] = 0  # they all begin alike: one of them counts
    ended = torch.zeros(count, beams, dtype=torch.bool)
    for _ in range(steps):
        following = next_logits(ids.flatten(0, 1)).log_softmax(dim=1).unflatten(0, (count, beams))  # (N, beams, V)
        only_end = torch.full_like(following, -torch.inf)
        only_end[..., END] = 0  # what has ended costs nothing more
        following = torch.where(ended[..., None], only_end, following)
        vocab_size = following.shape[2]
        scores, best = (scores[..., None] + following).flatten(1).topk(beams, dim=1)  # (N, beams)
        parent, token = best // vocab_size, best % vocab_size
        ids = torch.cat([ids.gather(1, parent[..., None].expand(-1, -1, ids.shape[2])), token[..., None]], dim=2)
        ended = ended.gather(1, parent) | (token == END)
    return ids, scores


if __name__ == "__main__":
    torch.manual_seed(6)
    vocab_size, steps = 5, 4
    table = 2 * torch.randn(vocab_size, vocab_size)  # a language in which each token depends on the last

    def next_logits(ids: torch.Tensor) -> torch.Tensor:
        return table[ids[:, -1]]

    def log_probability(first: int, text: tuple[int, ...]) -> float:
        """Of a text that ends at its first END."""
        total, last = 0.0, first
        for token in text:
            total += table[last].log_softmax(dim=0)[token].item()
            if token == END:
                break
            last = token
        return total

    prompts = torch.tensor([[1], [2], [3], [4]])
    found, scores = beam_search(next_logits, prompts, beams=20, steps=steps)
    greedy, _ = beam_search(next_logits, prompts, beams=1, steps=steps)
    better = 0
    for row, first in enumerate(prompts[:, 0].tolist()):
        texts = {
            text[: text.index(END) + 1] if END in text else text
            for text in itertools.product(range(vocab_size), repeat=steps)
        }
        ranked = sorted((log_probability(first, text) for text in texts), reverse=True)
        torch.testing.assert_close(scores[row, :3], torch.tensor(ranked[:3]))  # the three best of all
        assert abs(log_probability(first, tuple(found[row, 0, 1:].tolist())) - ranked[0]) < 1e-4
        better += ranked[0] > log_probability(first, tuple(greedy[row, 0, 1:].tolist())) + 1e-4
    assert better > 0
    print(f"greedy missed the best text for {better} of {len(prompts)} prompts")
