# /// pattern
# id = "pt.tensors.logsumexp"
# topic = "tensors.numerics"
# twin = "tf.tensors.logsumexp"
# questions = [
#   "log of a sum of exponentials overflows pytorch",
#   "numerically stable softmax from scratch",
#   "log_softmax instead of log of softmax",
#   "exp gives inf in float32",
#   "add probabilities in log space",
#   "marginal log likelihood of a mixture torch",
#   "logsumexp inf nan pytroch",
# ]
# apis = ["torch.logsumexp"]
# replaces = ["torch.log(torch.exp(x).sum())", "torch.log(torch.softmax(x))"]
# why = """exp overflows float32 at 88.8 and is 0 below -104. Taking the largest value out first, as logsumexp does,
# leaves exponents of at most 0: nothing overflows, and the largest term is never lost."""
# pitfalls = """By hand the largest value is -inf where all terms are, and -inf - -inf is NaN; torch.logsumexp gives
# -inf there. log1p(x) and expm1(x) do the same service near 0. For two tensors: torch.logaddexp."""
# when_not = "Probabilities that are neither tiny nor multiplied: add them as they are."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the logarithm overflowed"
# ///
"""Sums of probabilities in log space: a mixture's likelihood, and a softmax by hand."""

import math

import torch


def softmax(x: torch.Tensor) -> torch.Tensor:
    """(..., K) to (..., K), as torch.softmax does it: shifting all logits changes nothing, so the largest becomes 0."""
    exponentials = (x - x.amax(dim=-1, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim=-1, keepdim=True)


def mixture_log_likelihood(x: torch.Tensor, *, log_weights: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """Log density (N,) of x (N,) under K normal distributions of variance 1, with log weights and means (K,)."""
    log_density = -0.5 * (x[:, None] - means).square() - 0.5 * math.log(2 * math.pi)  # (N, K)
    return torch.logsumexp(log_weights + log_density, dim=1)


if __name__ == "__main__":
    assert torch.tensor(88.8).exp().isinf() and torch.tensor(-104.0).exp() == 0
    logits = torch.tensor([[1000.0, 999.0, -1000.0]])
    in_float64 = torch.tensor([[0.0, -1.0, -2000.0]], dtype=torch.float64).exp()
    torch.testing.assert_close(softmax(logits), (in_float64 / in_float64.sum()).float())
    assert abs(logits.logsumexp(dim=1).item() - (1000 + math.log(1 + math.exp(-1)))) < 1e-3
    assert torch.full((3,), -torch.inf).logsumexp(dim=0) == -torch.inf

    x = torch.tensor([0.0, 30.0], requires_grad=True)  # 30 is so far out that its density is 0 in float32
    log_weights, means = torch.tensor([0.25, 0.75]).log(), torch.tensor([-1.0, 2.0])
    likelihood = mixture_log_likelihood(x, log_weights=log_weights, means=means)
    for value, result in zip(x.tolist(), likelihood.tolist(), strict=True):
        terms = [w * math.exp(-0.5 * (value - m) ** 2) for w, m in ((0.25, -1.0), (0.75, 2.0))]
        expected = math.log(sum(terms) / math.sqrt(2 * math.pi))  # Python's floats have 64 bits
        assert abs(result - expected) < 1e-3
    likelihood.sum().backward()
    assert x.grad.isfinite().all()
    print(likelihood.tolist())
