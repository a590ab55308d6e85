# /// pattern
# id = "tf.debugging.side-effects"
# topic = "debugging.tracing"
# questions = [
#     "print in train_step shows only once",
#     "print inside tf.function only prints once",
#     "run_eagerly to debug a keras model",
#     "look at tensor values inside train_step or a layer",
#     "list append inside tf.function does not work",
#     "breakpoint in call() of a keras layer is hit only once",
#     "SymbolicTensor has no attribute numpy",
#     "tf.print keras debuging",
# ]
# errors = ["AttributeError: 'SymbolicTensor' object has no attribute 'numpy'",
#     """is out of scope and cannot be used here. Use return values, explicit Python locals or TensorFlow \
#     collections to access it."""]
# apis = ["tf.config.run_functions_eagerly", "keras.Model.compile", "tf.TensorArray"]
# replaces = ["print in a tf.function", "sess.run to look at values", "tf.Print"]
# why = """A tf.function's Python runs while it is traced, once for each signature; what is called later is the graph.
# print, append and counters then happen once and see tensors without values. tf.print is part of the graph, and eager
# execution makes all of it Python again, for as long as you are looking."""
# pitfalls = "run_eagerly=True in compile is slow: take it out again. Random numbers and shapes stay the same."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: 1 of 5 losses was kept"
# ///
"""See values inside traced code: as results, by eager execution, or with a TensorArray."""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """tf.functions run as plain Python inside the block: print, breakpoints and .numpy() work."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


@tf.function
def halve_until_small(x: tf.Tensor) -> tf.Tensor:
    """A number to all the values it had on the way; the series is collected inside the graph."""
    series = tf.TensorArray(x.dtype, size=0, dynamic_size=True)
    while x > 1:
        x = x / 2
        series = series.write(series.size(), x)
    return series.stack()


class Watched(keras.layers.Layer):
    """Passes its input on, and notes the largest value where there is one to see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def call(self, x: tf.Tensor) -> tf.Tensor:
        if tf.executing_eagerly():
            self.seen.append(float(keras.ops.max(x)))
        return x


if __name__ == "__main__":
    np.testing.assert_allclose(halve_until_small(tf.constant(20.0)), [10, 5, 2.5, 1.25, 0.625])

    calls = []

    @tf.function
    def double(x: tf.Tensor) -> tf.Tensor:
        calls.append(x)  # happens while tracing
        return 2 * x

    for value in (1.0, 2.0, 3.0):
        double(tf.constant(value))
    assert len(calls) == 1 and not hasattr(calls[0], "numpy")
    with eagerly():
        for value in (1.0, 2.0, 3.0):
            double(tf.constant(value))
    assert [float(x) for x in calls[1:]] == [1.0, 2.0, 3.0]

    x = np.arange(12, dtype="float32").reshape(12, 1)
    for run_eagerly, expected in ((False, []), (True, [3.0, 7.0, 11.0])):
        watched = Watched()
        model = keras.Sequential([keras.Input((1,)), watched, keras.layers.Dense(1)])
        model.compile("sgd", "mse", run_eagerly=run_eagerly, jit_compile=False)
        model.evaluate(x, x, batch_size=4, verbose=0)
        assert watched.seen[-3:] == expected
    print(watched.seen)
