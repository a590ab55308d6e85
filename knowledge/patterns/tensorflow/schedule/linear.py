# /// pattern
# id = "tf.schedule.linear"
# topic = "train.schedule"
# twin = "pt.schedule.linear"
# questions = [
#   "linear learning rate decay keras",
#   "LearningRateScheduler callback function epoch lr",
#   "ExponentialDecay decay_steps epochs or batches",
#   "learning rate does not change with ExponentialDecay",
#   "PolynomialDecay linear schedule tensorflow",
#   "change the learning rate every epoch keras",
#   "learning rate scheduler calback linear",
# ]
# errors = ["TypeError: This optimizer was created with a `LearningRateSchedule` object as its `learning_rate`"]
# apis = ["keras.optimizers.schedules.PolynomialDecay", "keras.callbacks.LearningRateScheduler"]
# replaces = ["tf.train.polynomial_decay", "tf.compat.v1.train.linear_cosine_decay", "K.set_value(optimizer.lr, ...)"]
# why = """A schedule object counts batches: decay_steps is epochs * steps per epoch. With decay_steps=10000, as in many
# examples, a training of 10 epochs of 20 batches ends at 99.8 % of its first rate. The callback LearningRateScheduler
# counts epochs and needs an optimizer made with a number. PolynomialDecay of power 1 is the straight line."""
# pitfalls = """Steps per epoch are rounded up, the last, smaller batch counts. A line of the callback that ends at
# epoch == epochs never reaches zero: the last epoch is epochs - 1. Schedule and callback together raise a TypeError."""
# when_not = "How long the training lasts is not known: ReduceLROnPlateau."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: after the whole training"
# ///
"""The learning rate down to zero in a straight line: batch by batch as a schedule, epoch by epoch as a callback."""

import math
import warnings

import keras
import numpy as np


def linear_per_batch(
    rate: float, *, epochs: int, samples: int, batch_size: int
) -> keras.optimizers.schedules.PolynomialDecay:
    """For the optimizer: `rate` at the first batch, zero after the last."""
    steps = epochs * math.ceil(samples / batch_size)
    return keras.optimizers.schedules.PolynomialDecay(rate, decay_steps=steps, end_learning_rate=0.0, power=1.0)


def linear_per_epoch(rate: float, *, epochs: int) -> keras.callbacks.LearningRateScheduler:
    """For fit: `rate` in the first epoch, rate / epochs in the last."""
    return keras.callbacks.LearningRateScheduler(lambda epoch, current: rate * (1 - epoch / epochs))  # noqa: ARG005


def fit(learning_rate: object, callbacks: list[keras.callbacks.Callback]) -> tuple[keras.Model, dict]:
    """Five epochs of 4 batches on 100 samples."""
    x = np.random.default_rng(0).normal(size=(100, 3)).astype("float32")
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss="mse", jit_compile=False)
    return model, model.fit(x, x[:, :1], epochs=5, batch_size=32, verbose=0, callbacks=callbacks).history


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own callbacks.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    schedule = linear_per_batch(0.1, epochs=5, samples=100, batch_size=32)
    rates = [float(schedule(step)) for step in range(21)]
    assert np.allclose(rates, 0.1 * np.linspace(1, 0, 21), atol=1e-7)
    model, _ = fit(schedule, [])
    assert int(model.optimizer.iterations) == 20 and float(model.optimizer.learning_rate) < 1e-6

    _, history = fit(0.1, [linear_per_epoch(0.1, epochs=5)])
    assert np.allclose(history["learning_rate"], [0.1, 0.08, 0.06, 0.04, 0.02])

    slow = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10_000, decay_rate=0.9)
    left = float(slow(200)) / 0.1  # after 10 epochs of 20 batches
    assert np.isclose(left, 0.9 ** (200 / 10_000)) and 0.997 < left < 0.999
    print("per epoch", np.round(history["learning_rate"], 3), f"decay_steps=10000 leaves {left:.1%}")
