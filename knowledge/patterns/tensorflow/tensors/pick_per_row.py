# /// pattern
# id = "tf.tensors.pick-per-row"
# topic = "tensors.indexing"
# twin = "pt.tensors.pick-per-row"
# questions = [
#     "pick one element per row by index tensorflow",
#     "tf.gather with batch_dims",
#     "select the logit of the true class keras",
#     "q values of the chosen actions tensorflow",
#     "last valid time step of each sequence keras",
#     "Only integers, slices, ellipsis, tf.newaxis and scalar tensors are valid indices",
#     "gahter per row tf",
# ]
# errors = ["""TypeError: Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar \
# tf.int32/tf.int64 tensors are valid indices""",
#     "InvalidArgumentError: indices[0] = 5 is not in [0, 3) [Op:GatherV2]"]
# apis = ["keras.ops.take_along_axis", "tf.gather"]
# replaces = ["numpy fancy indexing of tensors", "tf.batch_gather", "keras.backend.gather"]
# why = """Tensors take no tensor as an index, as numpy would. keras.ops.take_along_axis wants an index with as many
# dimensions as x; tf.gather with batch_dims=1 reads the first dimension of both as the same row."""
# pitfalls = """tf.gather(x, labels) takes whole rows, tf.gather(x, labels, axis=1) whole columns: neither is one
# element of each row. On a GPU an index out of bounds gives 0 instead of an error. Single elements by pairs of indices:
# tf.gather_nd."""
# when_not = "The same columns of all rows: tf.gather(x, columns, axis=1)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: Only integers, slices (`:`), ellipsis"
# ///
"""One element of each row, and one time step of each sequence."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def pick_per_row(x: KerasTensor, index: KerasTensor) -> KerasTensor:
    """x (N, K) and index (N,) to (N,): x[i, index[i]]."""
    return ops.squeeze(ops.take_along_axis(x, index[:, None], axis=1), axis=1)


def last_valid_step(states: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """states (B, T, D) and lengths (B,) from 1 to T, to the (B, D) states at the last step of each sequence."""
    return tf.gather(states, lengths - 1, axis=1, batch_dims=1)


if __name__ == "__main__":
    logits = keras.random.normal((4, 3), seed=0)
    labels = tf.constant([2, 0, 1, 2])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        picked = pick_per_row(logits, labels)  # (4,)
    values = logits.numpy()
    assert picked.numpy().tolist() == [values[row, label] for row, label in enumerate(labels.numpy())]

    np.testing.assert_array_equal(tape.gradient(picked, logits), np.eye(3)[labels.numpy()])

    states, lengths = keras.random.normal((2, 5, 6), seed=1), tf.constant([5, 2])
    np.testing.assert_array_equal(last_valid_step(states, lengths), np.stack([states[0, 4], states[1, 1]]))
    print(picked.shape)
