"""The divergence from a standard normal distribution that pairs of outputs have in a variational auto-encoder.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

from itertools import pairwise

import numpy as np

MOST_PAIRS = 4
LARGEST_EXPONENT = 50.0


def divergences(outputs: list[np.ndarray]) -> list[float]:
    """Nats a sample, for each two outputs in a row that could be a mean and the logarithm of a variance."""
    flat = [one for one in outputs if one.ndim == 2 and one.dtype.kind == "f" and one.size]
    pairs = [(mean, log) for mean, log in pairwise(flat) if mean.shape == log.shape]
    return [_divergence(mean.astype(np.float64), log.astype(np.float64)) for mean, log in pairs[:MOST_PAIRS]]


def _divergence(mean: np.ndarray, log_variance: np.ndarray) -> float:
    variance = np.exp(np.minimum(log_variance, LARGEST_EXPONENT))
    return float(0.5 * (variance + mean**2 - 1.0 - log_variance).sum(1).mean())
