# /// pattern
# id = "tf.tensors.dtype"
# topic = "tensors.dtype"
# twin = "pt.tensors.dtype"
# questions = [
#     "cannot compute AddV2 as input was expected to be a float tensor but is a double tensor",
#     "tensorflow does not convert int to float automatically",
#     "numpy float64 and tf float32 mixed",
#     "tf.cast when is it needed",
#     "reduce_mean of integers is truncated",
#     "keras.ops dtype promotion",
#     "cast dtyp error tensorflow",
# ]
# errors = ["""InvalidArgumentError: cannot compute AddV2 as input #1(zero-based) was expected to be a float tensor \
# but is a double tensor [Op:AddV2]""",
#     """InvalidArgumentError: cannot compute Mul as input #1(zero-based) was expected to be a float tensor but is a \
#     int32 tensor [Op:Mul]"""]
# apis = ["tf.cast"]
# replaces = ["tf.to_float", "tf.to_int32", "keras.backend.cast_to_floatx"]
# why = """tf operations convert nothing; keras.ops convert by fixed rules, and layers cast what comes in to their own
# type. numpy makes float64: convert once, where the data enters."""
# pitfalls = """tf.reduce_mean of integers is an integer division: the share of hits is 0 until all are hits.
# keras.ops.mean gives a float. keras.ops.convert_to_tensor takes a dtype; keras.backend.floatx() tells that of new
# layers."""
# when_not = "Speed is the aim: mixed precision by policy, tf.precision.mixed."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgumentError: was expected to be a float tensor but is a double tensor"
# ///
"""Number types: convert where data enters, and know what converts by itself."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def to_tensors(features: np.ndarray, labels: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
    """Features (N, D) of any number type and class numbers (N,) to float32 and int32."""
    return tf.cast(features, tf.float32), tf.cast(labels, tf.int32)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(8, 4))  # float64
    features, labels = to_tensors(raw, rng.integers(0, 3, size=8))
    assert (features + tf.ones((8, 4))).dtype == tf.float32

    layer = keras.layers.Dense(3)
    assert layer(raw).dtype == "float32"  # layers cast what comes in
    assert (features + 1).dtype == tf.float32  # a Python number takes the tensor's type
    assert ops.add(features, tf.range(4)).dtype == "float32"  # keras.ops convert
    assert ops.add(features, tf.constant(raw)).dtype == "float64"  # and may widen

    hits = tf.constant([1, 0, 1, 1])
    assert int(tf.reduce_mean(hits)) == 0 and float(ops.mean(hits)) == 0.75
    assert float(tf.reduce_mean(tf.cast(hits, tf.float32))) == 0.75

    count = tf.constant(16_777_216.0)  # 2**24: float32 has no odd numbers beyond
    assert float(count + 1) == float(count)
    print(ops.shape(features), labels.dtype)
