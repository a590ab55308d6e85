# /// pattern
# id = "tf.performance.benchmark"
# topic = "performance.profiling"
# twin = "pt.performance.benchmark"
# questions = [
#   "how much faster is tf.function really",
#   "does XLA jit_compile=True speed up my model",
#   "measure inference time of a keras model correctly",
#   "first call of a tf.function is slow",
#   "time a tensorflow function with warm-up",
#   "eager vs graph vs xla speed comparison",
#   "is @tf.function 10x faster",
#   "benchmrk tensorflow train step",
# ]
# apis = ["tf.function", "tf.GradientTape", "time.perf_counter"]
# replaces = ["time.time() around one call", "timeit.timeit", "tf.test.Benchmark", "jit_compile=True as a rule"]
# why = """The first call traces, and with XLA compiles: that cost the time of 3 to 8,500 later steps. Afterwards, on
# two CPU cores, a tf.function made a step of a tiny model 12 to 18 times as fast, since Python was most of it, and a
# step with large products twice; XLA made the first faster still, and added nothing to the second. So no factor such as
# "10x" holds by itself: run this on your shapes. First the results must agree, then the times count."""
# pitfalls = """A GPU returns before it is done: read a value (.numpy()) inside the measured time. Time at the batch
# size and shapes that you will meet; each new shape is traced again. Say the median and the spread, not the best."""
# when_not = "Which operation is slow: tf.profiler.experimental, read in TensorBoard."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the compiled step was judged by its first call"
# ///
"""What does compiling a training step bring? Eager, tf.function and XLA, warmed up, repeated, with equal results."""

import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

Step = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def make_step(width: int) -> Step:
    """One step of gradient descent, x and y (B, width) to the loss; its own model, begun from the same seed."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(width, activation="tanh") for _ in range(4)]
    model = keras.Sequential([keras.Input(shape=(width,)), *layers])
    optimizer = keras.optimizers.SGD(0.01)
    optimizer.build(model.trainable_variables)

    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return step


def measure(step: Step, x: tf.Tensor, y: tf.Tensor, *, repeats: int = 15) -> tuple[float, float, float]:
    """Seconds of the first call, the median of later ones, and the loss at the end."""
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        loss = float(step(x, y))  # reading the value waits for it, on a GPU too
        seconds.append(time.perf_counter() - start)
    return seconds[0], float(np.median(seconds[1:])), loss


if __name__ == "__main__":
    for width, batch in ((8, 8), (512, 512)):
        x, y = (tf.random.stateless_normal((batch, width), seed=(0, seed)) for seed in (1, 2))
        eager = measure(make_step(width), x, y)
        graph = measure(tf.function(make_step(width)), x, y)
        xla = measure(tf.function(make_step(width), jit_compile=True), x, y)
        for name, (first, later, loss) in {"eager": eager, "graph": graph, "xla": xla}.items():
            assert np.isclose(loss, eager[2], rtol=1e-3)  # first right, then fast
            print(f"width {width:3}, {name:5}: first {first:6.3f} s, then {later * 1e3:6.2f} ms", end=", ")
            print(f"{eager[1] / later:4.1f} times as fast, {first / later:5.0f} steps to begin")
        if width == 8:
            assert graph[1] < 0.8 * eager[1]  # Python was most of it
            assert graph[0] > 5 * graph[1] and xla[0] > 5 * xla[1]  # the first call traces and compiles
