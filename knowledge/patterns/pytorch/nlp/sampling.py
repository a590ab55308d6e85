# /// pattern
# id = "pt.nlp.sampling"
# topic = "nlp.decoding"
# twin = "tf.nlp.sampling"
# questions = [
#   "top-k and top-p sampling in pytorch",
#   "nucleus sampling from logits",
#   "temperature when generating text",
#   "sample the next token from a language model",
#   "generated text repeats itself",
#   "probability tensor contains either inf, nan or element < 0 in multinomial",
#   "top p samplng torch",
# ]
# errors = ["RuntimeError: probability tensor contains either `inf`, `nan` or element < 0"]
# apis = ["torch.multinomial", "torch.topk", "torch.sort", "torch.cumsum"]
# replaces = ["transformers.TopPLogitsWarper", "transformers.top_k_top_p_filtering"]
# why = """Temperature divides the logits; top-k keeps the k best; top-p keeps the smallest set of best tokens that
# holds p of the probability. What is left out becomes -inf, so the softmax gives the rest its share."""
# pitfalls = """The token that crosses p belongs to the set: compare the sum before each token with p, or a sure first
# token leaves nothing. Temperature first, then top-p: it changes what p holds."""
# when_not = "One right answer is wanted, as in translation or code completion: greedy or beam search."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: probability tensor contains either `inf`, `nan` or element < 0"
# ///
"""The next token from logits: temperature, top-k and top-p (nucleus) sampling."""

import torch


def keep_top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    """Logits (N, V) with all but the k highest of each row set to -inf."""
    lowest_kept = logits.topk(k, dim=1).values[:, -1:]  # (N, 1)
    return logits.masked_fill(logits < lowest_kept, -torch.inf)


def keep_top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    """Logits (N, V) with all set to -inf but the fewest tokens of each row that together hold at least p."""
    ordered, order = logits.sort(dim=1, descending=True)
    probabilities = ordered.softmax(dim=1)
    before = probabilities.cumsum(dim=1) - probabilities  # (N, V): what the better tokens hold
    ordered = ordered.masked_fill(before >= p, -torch.inf)
    return torch.empty_like(logits).scatter(1, order, ordered)


def sample_next(
    logits: torch.Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """Token ids (N, 1) drawn from logits (N, V); temperature must be positive."""
    logits = logits / temperature
    if top_k is not None:
        logits = keep_top_k(logits, min(top_k, logits.shape[1]))
    if top_p is not None:
        logits = keep_top_p(logits, top_p)
    return torch.multinomial(logits.softmax(dim=1), 1, generator=generator)


if __name__ == "__main__":
    probabilities = torch.tensor([0.05, 0.4, 0.25, 0.2, 0.1])
    logits = probabilities.log()[None].expand(20_000, -1)  # (N, V)
    generator = torch.Generator().manual_seed(0)

    def shares(**options: float) -> torch.Tensor:
        drawn = sample_next(logits, generator=generator, **options)
        return torch.bincount(drawn[:, 0], minlength=5) / len(drawn)

    def expected(*values: float) -> torch.Tensor:
        return torch.tensor(values) / sum(values)

    close = {"atol": 0.02, "rtol": 0}
    torch.testing.assert_close(shares(), probabilities, **close)
    torch.testing.assert_close(shares(temperature=0.5), expected(*probabilities.square().tolist()), **close)
    torch.testing.assert_close(shares(top_k=2), expected(0, 0.4, 0.25, 0, 0), **close)
    torch.testing.assert_close(shares(top_p=0.7), expected(0, 0.4, 0.25, 0.2, 0), **close)  # 0.65 is too little
    torch.testing.assert_close(shares(top_p=0.3), expected(0, 1, 0, 0, 0), **close)  # the best one is always kept
    assert shares(top_k=1)[1] == 1  # greedy
    print(shares(temperature=0.7, top_p=0.9))
