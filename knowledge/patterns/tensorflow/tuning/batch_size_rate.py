# /// pattern
# id = "tf.tuning.batch-size-rate"
# topic = "tuning.learning-rate"
# twin = "pt.tuning.batch-size-rate"
# questions = [
#   "learning rate when I change the batch size keras",
#   "linear scaling rule MirroredStrategy learning rate",
#   "square root scaling of the learning rate with adam",
#   "larger batch_size in fit trains worse",
#   "batch size and learning rate relation tensorflow",
#   "scale learning rate by num_replicas_in_sync",
#   "bacth size lerning rate keras",
# ]
# apis = ["keras.optimizers.SGD", "keras.Model.fit"]
# replaces = ["lr * hvd.size()", "lr * num_replicas without a reason"]
# why = """k steps of SGD on batches of B move the weights, to first order, as one step on their k * B samples with k
# times the rate (linear rule, arXiv 1706.02677); with the rate unchanged the same epochs move them 1/k as far. The
# noise of a mean gradient falls with the root of the batch size, so a rate times root k keeps the noise of a step (used
# with Adam, arXiv 2205.10287)."""
# pitfalls = """First order: at rates near the limit of stability k times the rate diverges. Warm up, and search around
# the scaled value instead of trusting it. With a strategy the batch that counts is the global one."""
# when_not = "The batch is split by gradient accumulation and stays as large as before: nothing changes."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: four times the batch at the old rate"
# ///
"""A learning rate for another batch size: the linear rule for SGD, the root rule for Adam, seen in what fit does."""

import math
from typing import Literal

import keras
import numpy as np


def scaled_rate(rate: float, *, batch: int, new_batch: int, rule: Literal["linear", "root"]) -> float:
    """The rate for new_batch where `rate` was good for batch. Use "linear" with SGD, "root" with Adam."""
    ratio = new_batch / batch
    return rate * (ratio if rule == "linear" else math.sqrt(ratio))


def trained(x: np.ndarray, y: np.ndarray, *, batch: int, rate: float) -> np.ndarray:
    """The kernel (D, 1) after one epoch of SGD from zero."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input(shape=(x.shape[1],)), layer])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse", jit_compile=False)
    model.fit(x, y, batch_size=batch, epochs=1, shuffle=False, verbose=0)
    return layer.kernel.numpy()


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2048, 10)).astype("float32")
    y = x @ np.linspace(-1, 1, 10, dtype="float32")[:, None] + rng.normal(size=(2048, 1)).astype("float32")

    small = trained(x, y, batch=16, rate=0.002)
    scaled = trained(x, y, batch=64, rate=scaled_rate(0.002, batch=16, new_batch=64, rule="linear"))
    unscaled = trained(x, y, batch=64, rate=0.002)
    off = np.linalg.norm(small - scaled) / np.linalg.norm(small)
    short = np.linalg.norm(unscaled) / np.linalg.norm(small)
    assert off < 0.03 and short < 0.4  # the same way, and not half of it

    gradients = 2 * x * (0 - y)  # of each sample, at weights of zero: (N, D)
    noise = {batch: gradients.reshape(-1, batch, 10).mean(axis=1).std(axis=0).mean() for batch in (16, 64)}
    ratio = noise[16] / noise[64]
    assert 1.6 < ratio < 2.4  # the root of 4
    root = scaled_rate(0.002, batch=16, new_batch=64, rule="root")
    assert abs(root * noise[64] / (0.002 * noise[16]) - 1) < 0.2  # the noise of one step is kept
    print(f"linear rule off by {off:.1%}, old rate went {short:.0%} of the way, noise ratio {ratio:.2f}")
