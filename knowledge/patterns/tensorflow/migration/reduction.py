# /// pattern
# id = "tf.migration.reduction"
# topic = "migration.losses"
# twin = "pt.migration.reduction"
# questions = [
#   "keras.losses has no attribute Reduction",
#   "losses.Reduction.NONE keras 3",
#   "per sample loss keras",
#   "Invalid value for argument reduction auto",
#   "sum over batch size reduction keras",
#   "loss reducton none distribute strategy",
# ]
# errors = [
#   "AttributeError: module 'keras.losses' has no attribute 'Reduction'",
#   "ValueError: Invalid value for argument `reduction`. Expected one of {'sum_over_batch_size', 'sum',",
# ]
# apis = ["keras.losses.MeanSquaredError"]
# replaces = [
#   "keras.losses.Reduction.NONE",
#   "keras.losses.Reduction.AUTO",
#   "keras.losses.Reduction.SUM",
#   "reduction='auto'",
# ]
# why = """Reductions are strings: "sum_over_batch_size" (the default), "sum", "mean", "none" and
# "mean_with_sample_weight". tf.keras.losses.Reduction still exists, but its AUTO is refused by every loss."""
# pitfalls = """"sum_over_batch_size" divides by the number of values, weights or not; "mean_with_sample_weight" by the
# sum of the weights."""
# when_not = "The mean over the batch is what you want: it is the default, say nothing."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: module 'keras.losses' has no attribute 'Reduction'"
# ///
"""How a Keras loss sums up its batch: a string."""

import keras
import numpy as np


def worst_samples(y: np.ndarray, p: np.ndarray, *, count: int) -> np.ndarray:
    """Indices (count,) of the samples of (N, D) with the largest squared error, worst first."""
    losses = keras.losses.MeanSquaredError(reduction="none")(y, p)  # (N,)
    return np.argsort(-np.asarray(losses))[:count]


if __name__ == "__main__":
    y = np.zeros((3, 1), "float32")
    p = np.array([[1.0], [3.0], [2.0]], "float32")
    weights = np.array([1.0, 0.0, 1.0], "float32")

    def loss(reduction: str, sample_weight: np.ndarray | None = None) -> np.ndarray:
        return np.asarray(keras.losses.MeanSquaredError(reduction=reduction)(y, p, sample_weight))

    assert loss("none").tolist() == [1.0, 9.0, 4.0]
    assert loss("sum") == 14.0 and np.isclose(loss("sum_over_batch_size"), 14 / 3)
    assert np.isclose(loss("sum_over_batch_size", weights), 5 / 3)
    assert np.isclose(loss("mean_with_sample_weight", weights), 5 / 2)
    assert worst_samples(y, p, count=2).tolist() == [1, 2]
    print(f"losses of the samples: {loss('none').tolist()}")
