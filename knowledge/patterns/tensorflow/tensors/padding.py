# /// pattern
# id = "tf.tensors.padding"
# topic = "tensors.padding"
# twin = "pt.tensors.padding"
# questions = [
#     "pad sequences of different length keras",
#     "Can't convert non-rectangular Python sequence to Tensor",
#     "pad_sequences turned my floats into integers",
#     "mask from lengths tensorflow",
#     "ragged tensor to dense",
#     "padding post or pre keras",
#     "pad seqences tensorflow mask",
# ]
# errors = ["ValueError: Can't convert non-rectangular Python sequence to Tensor.",
#     "ValueError: Failed to convert a NumPy array to a Tensor (Unsupported object type list)."]
# apis = ["keras.utils.pad_sequences", "tf.ragged.constant", "tf.RaggedTensor.to_tensor", "keras.ops.arange"]
# replaces = ["keras.preprocessing.sequence.pad_sequences", "tf.keras.preprocessing.sequence.pad_sequences"]
# why = """pad_sequences fills up to the longest; its defaults are for tokens of old recurrent nets: integers, padded
# and cut on the left. State dtype and padding; the lengths make the mask that losses, pooling and attention need."""
# pitfalls = "truncating is 'pre' by default too: with maxlen the beginning is cut off, not the end."
# when_not = "In a tf.data pipeline: padded_batch, or ragged_batch and to_tensor."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the values were cut to integers"
# ///
"""A batch of sequences of different lengths, with its mask."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def pad(sequences: Sequence[Sequence[float]], *, maxlen: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Sequences of numbers to a batch (B, T), filled or cut on the right, and the lengths (B,)."""
    batch = keras.utils.pad_sequences(sequences, maxlen, dtype="float32", padding="post", truncating="post")
    lengths = np.array([min(len(sequence), batch.shape[1]) for sequence in sequences])
    return batch, lengths


def masked_mean(x: KerasTensor, lengths: KerasTensor) -> KerasTensor:
    """x (B, T) and lengths (B,) to the means (B,) over the valid steps; sequences without any give 0."""
    mask = ops.cast(ops.arange(ops.shape(x)[1]) < lengths[:, None], x.dtype)  # (B, T)
    return ops.sum(x * mask, axis=1) / ops.maximum(ops.sum(mask, axis=1), 1)


if __name__ == "__main__":
    sequences = [[0.5, 1.5], [2.5, -1.0, 3.0, 0.5], [7.5]]
    batch, lengths = pad(sequences)
    assert batch.shape == (3, 4) and lengths.tolist() == [2, 4, 1]
    assert batch[0].tolist() == [0.5, 1.5, 0, 0]
    np.testing.assert_allclose(masked_mean(batch, lengths), [1.0, 1.25, 7.5])

    shorter, lengths = pad(sequences, maxlen=3)
    assert shorter[1].tolist() == [2.5, -1.0, 3.0] and lengths.tolist() == [2, 3, 1]

    ragged = tf.ragged.constant(sequences)
    np.testing.assert_array_equal(ragged.to_tensor(), batch)
    np.testing.assert_allclose(tf.reduce_mean(ragged, axis=1), masked_mean(batch, np.array([2, 4, 1])))
    assert keras.utils.pad_sequences([[1, 2, 3, 4], [5]], maxlen=2).tolist() == [[3, 4], [0, 5]]  # the defaults
    print(batch)
