# /// pattern
# id = "tf.tuning.learning-rate-finder"
# topic = "tune.learning-rate"
# twin = "pt.tuning.learning-rate-finder"
# questions = [
#     "learning rate finder keras",
#     "how do I choose the learning rate",
#     "lr range test tensorflow",
#     "find a good lr before training",
#     "lr_find kears",
# ]
# apis = ["keras.Model.train_on_batch", "keras.optimizers.Optimizer.learning_rate"]
# why = """Raise the rate from batch to batch until the loss explodes, and take a tenth of the rate with the lowest
# smoothed loss: one short run instead of many trainings."""
# pitfalls = """The run spoils the weights: they are put back afterwards. The optimizer must hold a number, not a
# schedule."""
# when_not = """A rate for this model and batch size is known from earlier runs, or the optimizer is already in the
# middle of a training."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# ///
"""Learning-rate range test (Smith, arXiv 1506.01186)."""

import warnings

import keras
import numpy as np
import tensorflow as tf


def find_learning_rate(
    model: keras.Model, dataset: tf.data.Dataset, *, lowest: float = 1e-5, highest: float = 10.0, steps: int = 100
) -> float:
    """A tenth of the rate at which the smoothed loss of a compiled model is lowest; the weights are put back."""
    weights = model.get_weights()
    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    smoothed = None
    for rate, (x, y) in zip(rates, dataset.repeat(), strict=False):
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = float(model.train_on_batch(x, y, return_dict=True)["loss"])
        smoothed = loss if smoothed is None else 0.8 * smoothed + 0.2 * loss
        if not np.isfinite(loss) or (losses and smoothed > 4 * min(losses)):
            break
        losses.append(smoothed)
    model.set_weights(weights)
    return float(rates[int(np.argmin(losses))]) / 10


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(640, 8)).astype("float32")
    dataset = tf.data.Dataset.from_tensor_slices((x, x[:, :1] + x[:, 1:2])).batch(32)
    model = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(), loss="mse", jit_compile=False)
    before = model.get_weights()
    rate = find_learning_rate(model, dataset)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    print(f"suggested learning rate {rate:.1e}")
    assert 1e-4 < rate < 1e-1
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse", jit_compile=False)
    losses = model.fit(dataset, epochs=5, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
