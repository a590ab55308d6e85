# /// pattern
# id = "tf.tensors.split-heads"
# topic = "tensors.shapes"
# twin = "pt.tensors.split-heads"
# questions = [
#     "difference between reshape and transpose tensorflow",
#     "split embedding into attention heads keras",
#     "reshape mixes up my tokens",
#     "channels first to channels last tensorflow",
#     "reshape with an unknown batch size",
#     "tf.transpose perm",
#     "reshpe vs permute keras",
# ]
# errors = ["InvalidArgumentError: Input to reshape is a tensor with 20 values, but the requested shape has 24"]
# apis = ["keras.ops.reshape", "keras.ops.transpose", "keras.ops.shape"]
# replaces = ["keras.backend.permute_dimensions", "keras.layers.Permute"]
# why = """reshape reads the numbers on in the same order and only cuts them anew; transpose swaps dimensions. To swap,
# split first, then transpose: a reshape straight to the wanted shape fits and mixes tokens."""
# pitfalls = """While a function is traced x.shape[0] may be None: ask keras.ops.shape(x), or use -1 once."""
# when_not = "Attention alone is wanted: keras.layers.MultiHeadAttention splits by itself."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a head sees other tokens"
# ///
"""Attention heads: split a dimension, move it, and put it back."""

import keras
import numpy as np
from keras import KerasTensor, ops


def split_heads(x: KerasTensor, *, heads: int) -> KerasTensor:
    """(B, T, heads * D) to (B, heads, T, D)."""
    batch, steps, width = ops.shape(x)
    return ops.transpose(ops.reshape(x, (batch, steps, heads, width // heads)), (0, 2, 1, 3))


def join_heads(x: KerasTensor) -> KerasTensor:
    """(B, heads, T, D) to (B, T, heads * D)."""
    batch, heads, steps, width = ops.shape(x)
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (batch, steps, heads * width))


class SplitAndJoin(keras.layers.Layer):
    """There and back, inside a model whose batch size and length are not known."""

    def call(self, x: KerasTensor) -> KerasTensor:
        return join_heads(split_heads(x, heads=3))


if __name__ == "__main__":
    x = np.arange(2 * 5 * 12, dtype="float32").reshape(2, 5, 12)  # (B, T, heads * D)
    split = split_heads(x, heads=3)
    assert split.shape == (2, 3, 5, 4)
    for head in range(3):
        np.testing.assert_array_equal(split[:, head], x[:, :, 4 * head : 4 * head + 4])  # of every token its own part
    np.testing.assert_array_equal(join_heads(split), x)

    inputs = keras.Input(shape=(None, 12))
    model = keras.Model(inputs, SplitAndJoin()(inputs))
    np.testing.assert_array_equal(model(x), x)
    print(split.shape)
