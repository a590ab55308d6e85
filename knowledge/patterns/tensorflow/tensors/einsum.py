# /// pattern
# id = "tf.tensors.einsum"
# topic = "tensors.shapes"
# twin = "pt.tensors.einsum"
# questions = [
#     "einsum in tensorflow explained with examples",
#     "keras.ops.einsum batched matrix product",
#     "EinsumDense equation",
#     "attention scores with einsum keras",
#     "tf.tensordot or einsum",
#     "einsm notation tensorflow",
# ]
# errors = ["""InvalidArgumentError: Expected dimension 4 at axis 1 of the input shaped [2,5,6] but got dimension 5 \
# [Op:Einsum]"""]
# apis = ["keras.ops.einsum", "keras.layers.EinsumDense"]
# replaces = ["keras.backend.batch_dot", "tf.tensordot"]
# why = """Each letter names a dimension; what stands on both sides of the arrow is kept, what stands only on the left
# is multiplied and summed over. EinsumDense does the same with a weight: one layer projects to all heads at once."""
# pitfalls = """A letter forgotten on the right, such as the batch's, is summed over without a word."""
# when_not = "A plain product of the last two dimensions: keras.ops.matmul."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the batch was summed away"
# ///
"""Products of tensors with einsum, dimension by dimension, and a layer made of one."""

import keras
import numpy as np
from keras import KerasTensor, ops


def attention_scores(query: KerasTensor, key: KerasTensor) -> KerasTensor:
    """(B, T, H, D) and (B, S, H, D) to the scaled products (B, H, T, S)."""
    return ops.einsum("bthd,bshd->bhts", query, key) / query.shape[-1] ** 0.5


def bilinear(x: KerasTensor, weight: KerasTensor, y: KerasTensor) -> KerasTensor:
    """x (B, I), weight (K, I, J) and y (B, J) to (B, K): x' W_k y for each k."""
    return ops.einsum("bi,kij,bj->bk", x, weight, y)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    query, key = rng.normal(size=(2, 5, 3, 4)), rng.normal(size=(2, 6, 3, 4))
    by_matmul = query.transpose(0, 2, 1, 3) @ key.transpose(0, 2, 3, 1) / 2  # (B, H, T, D) @ (B, H, D, S)
    np.testing.assert_allclose(attention_scores(query, key), by_matmul)

    x, weight, y = rng.normal(size=(7, 3)), rng.normal(size=(2, 3, 4)), rng.normal(size=(7, 4))
    by_loop = [[a @ w @ b for w in weight] for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(bilinear(x, weight, y), by_loop)

    to_heads = keras.layers.EinsumDense("btc,chd->bthd", output_shape=(None, 3, 4), bias_axes="hd")
    tokens = rng.normal(size=(2, 5, 8)).astype("float32")  # (B, T, C)
    heads = to_heads(tokens)  # (B, T, H, D)
    kernel = np.asarray(to_heads.kernel)  # (C, H, D)
    np.testing.assert_allclose(heads[:, :, 1], tokens @ kernel[:, 1], rtol=1e-4, atol=1e-5)
    print(heads.shape)
