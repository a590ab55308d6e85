# /// pattern
# id = "tf.performance.input-bottleneck"
# topic = "performance.input"
# twin = "pt.performance.input-bottleneck"
# questions = [
#   "is my tf.data pipeline the bottleneck",
#   "gpu utilization low while training keras",
#   "data loading slow tensorflow how to find out",
#   "measure the input pipeline speed without the model",
#   "training takes too long, what should I optimise first",
#   "does cache or prefetch help my dataset",
#   "gpu utilisation low tf.data bottelneck",
# ]
# apis = ["tf.data.Dataset.cache", "tf.data.Dataset.prefetch", "tf.data.Dataset.take", "time.perf_counter"]
# replaces = ["tfds.benchmark", "nvidia-smi as the only measurement"]
# why = """An epoch cannot be faster than its pipeline alone, nor than its steps alone: time an empty loop over the data
# set, and the training on one batch that is cached and repeated. The larger of the two is the bottleneck. In the demo
# the pipeline alone takes nearly the whole epoch; cache() after the decoding takes it away from the second epoch on."""
# pitfalls = """cache() keeps what stands before it: random augmentation and shuffling come after it. The first pass
# also traces and fills the cache: time the second. Without prefetch the two parts add up instead of overlapping."""
# when_not = "Which step of the pipeline is slow: the input-pipeline page of TensorBoard's profiler."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the cache holds the augmentation"
# ///
"""Is training waiting for its data? The pipeline alone, the steps alone, and both together."""

import time

import keras
import numpy as np
import tensorflow as tf

COUNT, BATCH = 64, 16


def decode(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """A sample (8,) and its target (1,); 4 ms in the making, as the decoding of an image is."""

    def slow(number: np.ndarray) -> np.ndarray:
        time.sleep(0.004)
        return np.full(8, number / COUNT, "float32")

    x = tf.ensure_shape(tf.numpy_function(slow, [index], tf.float32), (8,))
    return x, x[:1]


def pipeline(*, cached: bool) -> tf.data.Dataset:
    """Batches of (BATCH, 8) and (BATCH, 1)."""
    dataset = tf.data.Dataset.range(COUNT).map(decode)
    dataset = dataset.cache() if cached else dataset
    return dataset.batch(BATCH).prefetch(tf.data.AUTOTUNE)


def seconds_to_read(dataset: tf.data.Dataset) -> float:
    """The second pass of a loop that does nothing."""
    for _ in range(2):
        start = time.perf_counter()
        for _ in dataset:
            pass
    return time.perf_counter() - start


def seconds_to_fit(model: keras.Model, dataset: tf.data.Dataset) -> float:
    """The second epoch."""
    model.fit(dataset, verbose=0)
    start = time.perf_counter()
    model.fit(dataset, verbose=0)
    return time.perf_counter() - start


if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", jit_compile=False)
    slow, cached = pipeline(cached=False), pipeline(cached=True)
    for (x, _), (same_x, _) in zip(slow, cached, strict=True):
        assert np.array_equal(x, same_x)

    one_batch = slow.take(1).cache().repeat(COUNT // BATCH)
    seconds = {"pipeline alone": seconds_to_read(slow), "steps alone": seconds_to_fit(model, one_batch)}
    seconds |= {"epoch": seconds_to_fit(model, slow), "pipeline, cached": seconds_to_read(cached)}
    print({name: f"{value * 1e3:.0f} ms" for name, value in seconds.items()})
    assert seconds["pipeline alone"] > COUNT * 0.004 and seconds["epoch"] > COUNT * 0.004
    assert seconds["pipeline, cached"] < 0.5 * seconds["pipeline alone"]
