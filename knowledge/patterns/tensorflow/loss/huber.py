# /// pattern
# id = "tf.loss.huber"
# topic = "loss.regression"
# twin = "pt.loss.huber"
# questions = [
#     "huber loss keras",
#     "regression with outliers keras",
#     "mse is dominated by a few bad targets tensorflow",
#     "how to choose delta of keras.losses.Huber",
#     "mae or mse or huber or log cosh",
#     "robust regresion loss keras",
# ]
# apis = ["keras.losses.Huber", "keras.losses.MeanSquaredError"]
# replaces = ["tf.losses.huber_loss", "tf.compat.v1.losses.huber_loss"]
# why = """Up to delta the loss is quadratic, beyond it grows in a line: the gradient of an outlier is at most delta,
# where MSE lets it pull with its whole distance. The demo measures the error of the slope for both, with 5% of wild
# targets."""
# pitfalls = """delta, 1.0 by default, has the unit of the target: choose it near the usual error, or scale the targets.
# keras.losses.LogCosh is similar, and smooth throughout."""
# when_not = "Large targets are true and matter, as in forecasts of peaks: MSE, or a quantile."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: a few outliers bent the line"
# ///
"""Regression that a few wild targets cannot bend."""

import keras
import numpy as np
import tensorflow as tf


def fit_line(x: np.ndarray, y: np.ndarray, loss: keras.losses.Loss, *, epochs: int = 12) -> float:
    """The slope of the line through x (N, 1) and y (N, 1) that the loss likes best."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), loss, jit_compile=False)
    model.fit(x, y, epochs=epochs, batch_size=10, verbose=0)
    return float(model.layers[0].kernel[0, 0])


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.linspace(0, 1, 200, dtype="float32")[:, None]
    y = 2 * x + np.random.default_rng(0).normal(scale=0.1, size=(200, 1)).astype("float32")
    y[190:] -= 20  # one in twenty, all at one end

    errors = tf.constant([[0.5], [3.0]])
    with tf.GradientTape() as tape:
        tape.watch(errors)
        loss = keras.losses.Huber(delta=1.0, reduction="sum")(tf.zeros((2, 1)), errors)
    assert float(loss) == 0.5 * 0.5**2 + 1.0 * (3.0 - 0.5)
    assert tape.gradient(loss, errors).numpy().tolist() == [[0.5], [1.0]]  # the gradient ends at delta

    squared = fit_line(x, y, keras.losses.MeanSquaredError())
    robust = fit_line(x, y, keras.losses.Huber(delta=0.1))
    print(f"slope 2: {squared:.2f} with MSE, {robust:.2f} with Huber")
    assert abs(robust - 2) < 0.4 and abs(squared - 2) > 5 * abs(robust - 2)
