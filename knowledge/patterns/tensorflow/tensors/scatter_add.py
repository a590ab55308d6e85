# /// pattern
# id = "tf.tensors.scatter-add"
# topic = "tensors.indexing"
# twin = "pt.tensors.scatter-add"
# questions = [
#     "sum values by group tensorflow",
#     "segment_sum segment_mean keras",
#     "unsorted_segment_mean",
#     "scatter with duplicate indices",
#     "groupby mean with tensors tf",
#     "segmet sum tensorflow",
# ]
# errors = ["InvalidArgumentError: segment ids are not increasing"]
# apis = ["keras.ops.segment_sum", "keras.ops.segment_max", "tf.math.unsorted_segment_mean"]
# replaces = ["tf.segment_sum", "tf.unsorted_segment_sum", "tf.scatter_add"]
# why = """scatter_update writes: of several values for one place a single one stays. segment_sum adds them all, and
# passes gradients to every value. num_segments makes the shape static, as compilation wants it."""
# pitfalls = "tf.math.segment_sum wants sorted ids and knows no empty group at the end; the unsorted one does."
# when_not = "Groups that lie side by side with equal sizes: reshape and sum."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: values were lost"
# ///
"""Sums, means and maxima of the rows that belong to each group."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def group_mean(values: KerasTensor, group: KerasTensor, *, num_groups: int) -> KerasTensor:
    """values (N, D) and group numbers (N,) to (num_groups, D); empty groups are 0."""
    sums = ops.segment_sum(values, group, num_segments=num_groups)  # (num_groups, D)
    counts = ops.segment_sum(ops.ones_like(values[:, :1]), group, num_segments=num_groups)  # (num_groups, 1)
    return sums / ops.maximum(counts, 1)


if __name__ == "__main__":
    values = tf.Variable(keras.random.normal((6, 2), seed=0))
    group = tf.constant([3, 0, 2, 2, 0, 2])  # nothing belongs to group 1
    with tf.GradientTape() as tape:
        mean = group_mean(values, group, num_groups=4)
    highest = ops.segment_max(values, group, num_segments=4)

    rows = values.numpy()
    for number in (0, 2, 3):
        members = rows[group.numpy() == number]
        np.testing.assert_allclose(mean[number], members.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(highest[number], members.max(axis=0))
    assert not np.any(mean[1])

    gradient = tape.gradient(mean, values)  # each row counts for one over the size of its group
    np.testing.assert_allclose(gradient[:, 0], [1, 1 / 2, 1 / 3, 1 / 3, 1 / 2, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(mean, tf.math.unsorted_segment_mean(values, group, num_segments=4), rtol=1e-5)
    print(np.asarray(mean))
