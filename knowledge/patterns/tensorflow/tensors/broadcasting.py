# /// pattern
# id = "tf.tensors.broadcasting"
# topic = "tensors.shapes"
# twin = "pt.tensors.broadcasting"
# questions = [
#     "subtracting the row means gives a wrong result",
#     "broadcasting rules tensorflow",
#     "subtract the mean of every row keras ops",
#     "keepdims=True when do I need it",
#     "Incompatible shapes error when adding two tensors",
#     "pairwise differences without a loop tensorflow",
#     "brodcast expand_dims tf",
# ]
# errors = ["InvalidArgumentError: Incompatible shapes: [3,4] vs. [3] [Op:AddV2]"]
# apis = ["keras.ops.mean", "keras.ops.std"]
# replaces = ["tf.tile to match shapes", "keep_dims"]
# why = """Shapes are matched from the right, and a dimension of 1 is stretched without a copy. keepdims=True leaves
# that 1 where the reduced dimension was, so the statistics of a row meet the row."""
# pitfalls = """For a square matrix a forgotten keepdims raises nothing: row i is then subtracted as if it were column
# i. Try functions on shapes whose dimensions all differ."""
# when_not = "Distances of many points: the (N, M, D) tensor is large; |a|² - 2ab + |b|² needs only (N, M)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the rows are not centred"
# ///
"""Broadcasting: statistics of rows, and all pairs of two sets."""

import keras
import numpy as np
from keras import KerasTensor, ops


def standardise_rows(x: KerasTensor) -> KerasTensor:
    """(N, D) to (N, D), each row with mean 0 and standard deviation 1."""
    mean = ops.mean(x, axis=1, keepdims=True)  # (N, 1)
    std = ops.std(x, axis=1, keepdims=True)  # (N, 1)
    return (x - mean) / std


def squared_distances(a: KerasTensor, b: KerasTensor) -> KerasTensor:
    """(N, D) and (M, D) to (N, M)."""
    difference = a[:, None, :] - b[None, :, :]  # (N, 1, D) - (1, M, D) -> (N, M, D)
    return ops.sum(ops.square(difference), axis=2)


if __name__ == "__main__":
    a, b = keras.random.normal((4, 3), seed=0), keras.random.normal((5, 3), seed=1)

    points = np.asarray(a)
    for row, original in zip(np.asarray(standardise_rows(a)), points, strict=True):
        np.testing.assert_allclose(row, (original - original.mean()) / original.std(), rtol=1e-4, atol=1e-5)

    distances = np.asarray(squared_distances(a, b))
    by_loop = [[((p - q) ** 2).sum() for q in np.asarray(b)] for p in points]
    np.testing.assert_allclose(distances, by_loop, rtol=1e-4)
    print(distances.shape)
