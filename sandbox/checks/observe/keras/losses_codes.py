"""Outputs of a Keras program's models that may be the code of a variational auto-encoder: means and log-variances.

Runs inside the jail.
"""

from itertools import pairwise
from typing import Any

import tensorflow as tf

from observe.keras.calls import to_numpy
from observe.losses_divergence import LARGEST_EXPONENT, MOST_PAIRS, divergences

MOST = 12


class Codes:
    """The small outputs of the models that were called since a gradient was taken."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []

    def called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        small = [one for one in tf.nest.flatten(output) if tf.is_tensor(one) and len(one.shape) == 2]
        self.outputs = [*self.outputs, *(one for one in small if one.dtype.is_floating)][-MOST:]

    def differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        self.outputs = []

    def now(self) -> list[float]:
        """Nats a sample of each pair, in eager code."""
        return divergences([to_numpy(one) for one in self.outputs if isinstance(one, tf.__internal__.EagerTensor)])

    def traced(self) -> Any:
        """The same as a tensor of the trace under way; None without a pair."""
        graph = tf.compat.v1.get_default_graph()
        flat = [one for one in self.outputs if getattr(one, "graph", None) is graph]
        pairs = [(mean, log) for mean, log in pairwise(flat) if mean.shape.as_list() == log.shape.as_list()]
        return tf.stack([_divergence(mean, log) for mean, log in pairs[:MOST_PAIRS]]) if pairs else None


def _divergence(mean: Any, log_variance: Any) -> Any:
    mean, log_variance = tf.cast(mean, tf.float32), tf.cast(log_variance, tf.float32)
    variance = tf.exp(tf.minimum(log_variance, LARGEST_EXPONENT))
    return tf.reduce_mean(0.5 * tf.reduce_sum(variance + mean**2 - 1.0 - log_variance, 1))
