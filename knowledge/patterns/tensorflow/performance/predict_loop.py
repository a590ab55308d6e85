# /// pattern
# id = "tf.performance.predict-loop"
# topic = "performance.inference"
# questions = [
#     "model.predict in a loop leaks memory",
#     "model.predict is slow for a single sample",
#     "memory grows when calling keras predict repeatedly",
#     "difference between model.predict and model(x)",
#     "predict inside a for loop is slow keras",
#     "clear_session between predictions",
#     "fast inference for one input at a time tensorflow",
#     "predcit loop memory leak keras",
# ]
# apis = ["keras.Model.predict", "tf.function", "tf.TensorSpec", "gc.collect"]
# replaces = ["keras.backend.clear_session in a prediction loop", "model.predict(x[None]) for each sample"]
# why = """predict is made for whole data sets: each call builds a tf.data pipeline, an iterator and callbacks, and
# leaves hundreds of objects that point at one another, which stay until Python's collector comes by. For one sample
# that is nearly all of the work: call the model as a tf.function instead. Its signature leaves the batch open, so it is
# traced once; each new shape would otherwise leave a graph that stays for good."""
# pitfalls = """model(x) without tf.function runs layer by layer: right, and slower for deep models. Build and load the
# model outside of the loop: a new one in each round does leak, until keras.utils.clear_session()."""
# when_not = "All samples are there: one predict(x, batch_size=...) over them is best."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: one at a time took"
# ///
"""Predictions one at a time: a traced call of the model, which leaves nothing behind, instead of predict in a loop."""

import gc
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def predictor(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A function of inputs (B, D), for whatever B, that is traced once, here."""
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
    traced = tf.function(lambda x: model(x, training=False), input_signature=signature)
    traced.get_concrete_function()
    return lambda x: traced(x).numpy()


def cost(call: Callable[[], object], *, times: int) -> tuple[float, float]:
    """Seconds for each call, and objects that each leaves for the garbage collector."""
    call()
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    for _ in range(times):
        call()
    seconds = time.perf_counter() - started
    gc.enable()
    return seconds / times, gc.collect() / times  # it tells how many it found


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(4)])
    predict = predictor(model)
    x = np.random.default_rng(0).normal(size=(20, 8)).astype("float32")
    one_by_one = np.concatenate([predict(row[None]) for row in x])
    np.testing.assert_allclose(one_by_one, model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    assert predict(x[:7]).shape == (7, 4)  # another batch size, the same graph

    slow, left = cost(lambda: model.predict(x[:1], verbose=0), times=10)
    fast, left_by_call = cost(lambda: predict(x[:1]), times=10)
    assert slow > 3 * fast, (slow, fast)
    assert left > 20 > left_by_call, (left, left_by_call)
    print(
        f"predict: {slow * 1e3:.1f} ms and {left:.0f} objects; a traced call: {fast * 1e3:.2f} ms, {left_by_call:.0f}"
    )
