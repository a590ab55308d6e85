# /// pattern
# id = "tf.migration.from-generator"
# topic = "migration.data"
# questions = [
#   "from_generator output_types deprecated output_signature",
#   "tf.data from a python generator",
#   "dataset from generator unknown shape error",
#   "output_signature TensorSpec example",
#   "from_generator with variable length rows",
#   "from_genrator output types",
# ]
# errors = [
#   "ValueError: You must provide `padded_shapes` argument because component 0 has unknown rank.",
#   "TypeError: `generator` yielded an element of shape",
# ]
# apis = ["tensorflow.data.Dataset.from_generator", "tensorflow.TensorSpec"]
# replaces = ["from_generator(output_types=)", "from_generator(output_types, output_shapes)"]
# why = """output_types alone leaves every shape unknown, and padding or a model then fails far from the cause.
# output_signature says shape and type together, None where a size varies, and an element that does not fit is named at
# once."""
# pitfalls = """The generator runs in Python, one element at a time: shuffle and batch after it, and make it a function,
# so that each epoch begins anew."""
# when_not = "Arrays that fit into memory: from_tensor_slices, which needs no Python in the loop."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: You must provide `padded_shapes` argument because component 0 has unkn"
# ///
"""A tf.data pipeline from a Python generator, with shapes and types said."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf


def sentences() -> Iterator[tuple[np.ndarray, int]]:
    """Word numbers (T,), T varying, and a label."""
    for length in (3, 1, 2):
        yield np.arange(1, length + 1, dtype="int32"), length % 2


def build_dataset(*, batch_size: int) -> tf.data.Dataset:
    """Padded word numbers (B, T) and labels (B,)."""
    signature = (tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int64))
    return tf.data.Dataset.from_generator(sentences, output_signature=signature).padded_batch(batch_size)


if __name__ == "__main__":
    dataset = build_dataset(batch_size=3)
    assert [spec.shape.as_list() for spec in dataset.element_spec] == [[None, None], [None]]
    for _ in range(2):  # the generator begins anew in each pass
        ((words, labels),) = list(dataset.as_numpy_iterator())
        assert words.tolist() == [[1, 2, 3], [1, 0, 0], [1, 2, 0]] and labels.tolist() == [1, 1, 0]

    misfit = tf.data.Dataset.from_generator(lambda: [[1, 2]], output_signature=tf.TensorSpec((3,), tf.int32))
    message = ""
    try:
        next(iter(misfit))
    except tf.errors.InvalidArgumentError as error:
        message = str(error)
    assert "shape (3,) was expected" in message
    print(dataset.element_spec)
