# /// pattern
# id = "tf.migration.data-attributes"
# topic = "migration.data"
# questions = [
#   "dataset has no attribute make_one_shot_iterator",
#   "dataset.output_shapes removed element_spec",
#   "iterate over a tf.data dataset in tensorflow 2",
#   "get_next() iterator tensorflow 2",
#   "'_BatchDataset' object has no attribute 'output_types'",
#   "make one shot itterator error",
# ]
# errors = [
#   "AttributeError: '_RangeDataset' object has no attribute 'make_one_shot_iterator'",
#   "AttributeError: '_BatchDataset' object has no attribute 'output_shapes'",
# ]
# apis = [
#   "tensorflow.data.Dataset",
#   "tensorflow.data.Dataset.element_spec",
#   "tensorflow.data.Dataset.as_numpy_iterator",
# ]
# replaces = [
#   "make_one_shot_iterator",
#   "make_initializable_iterator",
#   "iterator.get_next",
#   "dataset.output_shapes",
#   "dataset.output_types",
# ]
# why = """A dataset is a Python iterable: a for loop, next(iter(...)) or take(1) give its batches, and each loop
# starts anew. element_spec says shape and type at once."""
# pitfalls = """An unknown size in element_spec is None; drop_remainder=True makes the batch size known. Pass the
# dataset itself to fit, not an iterator."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: '_BatchDataset' object has no attribute 'make_one_shot_iterator'"
# ///
"""Look into a tf.data pipeline: its batches, and their shapes and types."""

import numpy as np
import tensorflow as tf


def build_dataset(x: np.ndarray, y: np.ndarray, *, batch_size: int) -> tf.data.Dataset:
    """Batches (B, D) and (B,); the last one may be smaller."""
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)


if __name__ == "__main__":
    x, y = np.arange(10, dtype="float32").reshape(5, 2), np.arange(5)
    dataset = build_dataset(x, y, batch_size=2)
    inputs, targets = dataset.element_spec  # output_shapes and output_types
    assert (inputs.shape.as_list(), inputs.dtype) == ([None, 2], tf.float32)
    assert (targets.shape.as_list(), targets.dtype) == ([None], tf.int64)

    first_x, first_y = next(iter(dataset))  # make_one_shot_iterator().get_next()
    assert np.array_equal(first_x, x[:2]) and np.array_equal(first_y, y[:2])
    for _ in range(2):  # each loop is a new pass
        assert np.array_equal(np.concatenate([batch for batch, _ in dataset.as_numpy_iterator()]), x)
    assert int(dataset.cardinality()) == 3

    fixed = dataset.unbatch().batch(2, drop_remainder=True)
    assert fixed.element_spec[0].shape.as_list() == [2, 2]
    print(dataset.element_spec)
