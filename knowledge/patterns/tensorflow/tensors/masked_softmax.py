# /// pattern
# id = "tf.tensors.masked-softmax"
# topic = "tensors.masking"
# twin = "pt.tensors.masked-softmax"
# questions = [
#     "softmax that ignores padding keras",
#     "masked softmax tensorflow",
#     "attention weights nan when a whole row is masked",
#     "add -1e9 to masked logits",
#     "attention pooling over a padded sequence keras",
#     "maskd softmax tf",
# ]
# apis = ["keras.ops.where", "keras.ops.softmax", "keras.ops.arange"]
# replaces = ["scores += (1 - mask) * -1e9", "tf.sequence_mask"]
# why = """Filled with a very low number before the softmax, a position gets the weight 0 and the others still sum to 1.
# Rows with nothing left would be spread evenly over the padding, so what is masked is set to 0 afterwards as well."""
# pitfalls = """Multiplying by the mask after the softmax alone leaves rows that sum to less than 1: the padding took
# its share. -1e9 is -inf in float16, and a whole row of it is NaN."""
# when_not = "Inside keras.layers.MultiHeadAttention: pass attention_mask, or mask_zero in the embedding."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the padding took its share"
# ///
"""Softmax over the valid positions only, safe for rows that have none."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def masked_softmax(scores: KerasTensor, valid: KerasTensor) -> KerasTensor:
    """scores (..., T) and a boolean mask that broadcasts to it, True where valid; rows without any become zeros."""
    lowest = ops.cast(-3e4, scores.dtype)  # finite in float16 too
    weights = ops.softmax(ops.where(valid, scores, lowest), axis=-1)
    return ops.where(valid, weights, ops.zeros_like(weights))


if __name__ == "__main__":
    scores = keras.random.normal((3, 4), seed=0)
    lengths = np.array([4, 2, 0])
    valid = ops.arange(4) < lengths[:, None]  # (3, 4)
    with tf.GradientTape() as tape:
        tape.watch(scores)
        weights = masked_softmax(scores, valid)
        loss = ops.sum(ops.square(weights))

    rows = np.asarray(scores)
    for row, length in enumerate(lengths):
        exponentials = np.exp(rows[row, :length])
        np.testing.assert_allclose(weights[row, :length], exponentials / exponentials.sum(), rtol=1e-5)
        assert not np.any(weights[row, length:])
    assert np.isfinite(tape.gradient(loss, scores)).all()

    half = masked_softmax(ops.cast(scores, "float16"), valid)
    assert np.isfinite(half).all()
    print(np.asarray(weights).round(2))
