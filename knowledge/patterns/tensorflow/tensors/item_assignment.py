# /// pattern
# id = "tf.tensors.item-assignment"
# topic = "tensors.indexing"
# questions = [
#     "EagerTensor object does not support item assignment",
#     "set one element of a tensor tensorflow",
#     "replace values where a condition holds keras",
#     "tensor_scatter_nd_update example",
#     "slice assign in keras ops",
#     "how to modify a tensor in place tf",
#     "asign value to tensor index keras",
# ]
# errors = ["TypeError: 'tensorflow.python.framework.ops.EagerTensor' object does not support item assignment",
#     "LookupError: gradient registry has no entry for: XlaDynamicUpdateSlice",
#     "TypeError: 'SymbolicTensor' object does not support item assignment"]
# apis = ["keras.ops.where", "keras.ops.pad", "keras.ops.slice_update", "keras.ops.scatter_update", "tf.Variable"]
# replaces = ["x[i] = value", "tf.tensor_scatter_nd_update", "tf.scatter_nd_update"]
# why = """Tensors are values, like numbers: an update is a new tensor, and gradients flow through it. ops.where
# replaces by a condition or by a padded block, scatter_update single places. Only a tf.Variable is written to."""
# pitfalls = """keras.ops.slice_update has no gradient on TensorFlow. Each update in a Python loop copies the whole
# tensor: collect the parts in a list and stack once. For repeated places scatter_update keeps one value."""
# when_not = "Data that is prepared before training: numpy arrays can be written to."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: object does not support item assignment"
# ///
"""Replace parts of a tensor: by condition, by block, by index."""

import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def clip_negative(x: KerasTensor) -> KerasTensor:
    """x[x < 0] = 0, for any shape."""
    return ops.where(x < 0, ops.zeros_like(x), x)


def set_block(x: KerasTensor, block: KerasTensor, *, row: int, column: int) -> KerasTensor:
    """x[row : row + h, column : column + w] = block, for x (H, W) and block (h, w)."""
    height, width = block.shape
    around = ((row, x.shape[0] - row - height), (column, x.shape[1] - column - width))
    inside = ops.pad(ops.ones_like(block, dtype="bool"), around)  # (H, W)
    return ops.where(inside, ops.pad(block, around), x)


def set_points(x: KerasTensor, places: KerasTensor, values: KerasTensor) -> KerasTensor:
    """x[i, j] = value for each (i, j) of places (N, 2) and values (N,)."""
    return ops.scatter_update(x, places, values)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    array = rng.normal(size=(4, 5)).astype("float32")
    x, block = tf.constant(array), tf.constant([[1.0, 2.0], [3.0, 4.0]])
    places, values = np.array([[0, 0], [3, 4]]), tf.constant([7.0, 8.0])

    with tf.GradientTape() as tape:
        tape.watch([x, block, values])
        blocked = set_block(x, block, row=1, column=2)
        result = set_points(blocked, places, values)
    written = array.copy()
    written[1:3, 2:4], written[0, 0], written[3, 4] = block, 7, 8
    np.testing.assert_array_equal(result, written)
    np.testing.assert_array_equal(x, array)  # the old tensor is as it was

    to_x, to_block, to_values = tape.gradient(result, [x, block, values])
    np.testing.assert_array_equal(to_x, written == array)  # what was replaced has no influence any more
    np.testing.assert_array_equal(to_block, np.ones((2, 2)))
    np.testing.assert_array_equal(to_values, [1, 1])
    np.testing.assert_array_equal(ops.slice_update(x, (1, 2), block), blocked)  # alike, where no gradient is wanted
    try:
        with tf.GradientTape() as tape:
            tape.watch(x)
            updated = ops.slice_update(x, (1, 2), block)
        tape.gradient(updated, x)
    except LookupError as error:
        assert "no entry for: XlaDynamicUpdateSlice" in str(error)
    else:
        raise AssertionError("slice_update has a gradient now: set_block can use it")
    np.testing.assert_array_equal(clip_negative(x), np.maximum(array, 0))

    buffer = tf.Variable(tf.zeros((4, 5)))
    buffer[1, 2:4].assign([1.0, 2.0])  # a variable is written to
    assert buffer.numpy()[1].tolist() == [0, 0, 1, 2, 0]
    print(result.shape)
