# /// pattern
# id = "tf.debugging.nan-loss"
# topic = "debug.nan"
# twin = "pt.debugging.nan-loss"
# questions = [
#     "why is my loss nan",
#     "loss becomes nan after a few steps of training",
#     "loss is nan keras",
#     "find where nan comes from tensorflow",
#     "stop training on nan",
#     "log of zero in a custom loss",
#     "enable_check_numerics",
#     "los becomes nan after few steps",
# ]
# errors = ["InvalidArgumentError: !!! Detected Infinity or NaN", "loss: nan"]
# apis = [
#     "keras.callbacks.TerminateOnNaN",
#     "tf.debugging.enable_check_numerics",
#     "keras.losses.SparseCategoricalCrossentropy",
# ]
# replaces = ["tf.add_check_numerics_ops"]
# why = """A softmax that underflows to 0 makes log(0) infinite and its gradient NaN, and one NaN spreads to every
# weight in one step. Cross entropy from logits never takes that logarithm; check_numerics names the operation that made
# the first bad number."""
# pitfalls = "enable_check_numerics slows everything: use it to search, then remove it."
# when_not = "A loss that rises and stays finite: the learning rate, see tf.tuning.learning-rate-finder."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient is NaN"
# ///
"""Find a NaN, stop on it, and compute cross entropy so that it does not arise."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def first_bad_operation(compute: Callable[[], object]) -> str | None:
    """What check_numerics says of the first infinite or NaN result while compute() runs, or None."""
    tf.debugging.enable_check_numerics()
    try:
        compute()
    except tf.errors.InvalidArgumentError as error:
        return " ".join(error.message.split())
    finally:
        tf.debugging.disable_check_numerics()
    return None


if __name__ == "__main__":
    logits = tf.Variable([[200.0, 0.0, -200.0]])
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with tf.GradientTape() as tape:
        loss = loss_fn(np.array([2]), logits)
    assert float(loss) == 400.0 and np.isfinite(tape.gradient(loss, logits)).all()

    report = first_bad_operation(lambda: tf.math.log(tf.nn.softmax(logits)))
    print(report and report[:300])
    assert report is not None and "Log" in report

    model = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(1e12), loss="mse", jit_compile=False)
    x = np.arange(64, dtype="float32")[:, np.newaxis]
    losses = model.fit(x, x, epochs=50, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()]).history["loss"]
    assert len(losses) < 50
