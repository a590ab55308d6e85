# /// pattern
# id = "tf.loss.ignore-class"
# topic = "loss.masking"
# twin = "pt.loss.ignore-index"
# questions = [
#     "ignore_class in SparseCategoricalCrossentropy",
#     "do not compute the loss on padding tokens keras",
#     "ignore index tensorflow segmentation void label 255",
#     "Received a label value of -1 which is outside the valid range",
#     "accuracy without padding keras",
#     "ingore label loss keras",
# ]
# errors = ["InvalidArgumentError: Received a label value of -1 which is outside the valid range of [0, 3).",
#     "InvalidArgumentError: Received a label value of 255 which is outside the valid range of [0, 21)."]
# apis = ["keras.losses.SparseCategoricalCrossentropy", "keras.metrics.SparseCategoricalAccuracy"]
# replaces = ["ignore_index"]
# why = """With ignore_class the positions of that label add nothing to the sum and nothing to the count it is divided
# by. On the CPU such a label without ignore_class raises; on a GPU it silently gives NaN."""
# pitfalls = """Metrics know nothing of it: accuracy counts every ignored position as a mistake. Give them the mask as
# sample_weight."""
# when_not = "Weights between 0 and 1 for each position: sample_weight."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgumentError: Received a label value of -1 which is outside the valid range"
# ///
"""Cross entropy and accuracy over the valid tokens of padded sequences."""

import keras
import numpy as np
import tensorflow as tf

IGNORED = -1


class ValidAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Share of the labels other than IGNORED that are right; logits (..., K), labels (...)."""

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: None = None) -> None:
        assert sample_weight is None, "the mask is the weight"
        super().update_state(y_true, y_pred, sample_weight=keras.ops.not_equal(y_true, IGNORED))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    logits = tf.constant(rng.normal(size=(2, 5, 7)).astype("float32"))  # (B, T, K)
    labels = rng.integers(0, 7, size=(2, 5))
    labels[1, 2:] = IGNORED
    valid = labels != IGNORED

    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=IGNORED)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = loss_fn(labels, logits)
    exponentials = np.exp(logits.numpy())
    probability = exponentials / exponentials.sum(axis=-1, keepdims=True)
    chosen = [probability[b, t, labels[b, t]] for b, t in zip(*np.nonzero(valid), strict=True)]
    np.testing.assert_allclose(loss, -np.log(chosen).mean(), rtol=1e-5)

    gradient = tape.gradient(loss, logits).numpy()
    assert not gradient[~valid].any() and gradient[valid].all()
    assert float(loss_fn(np.full((2, 5), IGNORED), logits)) == 0

    perfect = np.eye(7)[np.where(valid, labels, 0)]
    accuracy, plain = ValidAccuracy(), keras.metrics.SparseCategoricalAccuracy()
    assert float(accuracy(labels, perfect)) == 1 and abs(float(plain(labels, perfect)) - 0.7) < 1e-6
    print(float(loss))
