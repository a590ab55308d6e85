# /// pattern
# id = "tf.loss.regularisation"
# topic = "loss.regularisation"
# twin = "pt.loss.regularisation"
# questions = [
#   "L2 regularization keras kernel_regularizer",
#   "model.losses in a custom training loop",
#   "l1 penalty for sparse weights keras",
#   "training loss higher than val loss with regularizer",
#   "kernel_regularizer or weight_decay of AdamW",
#   "how much l2 regularization for a small dataset",
#   "regularizer ignored in GradientTape loop",
#   "l2 regularisaton overfitting keras",
# ]
# apis = ["keras.regularizers.L2", "keras.regularizers.L1", "keras.Model.losses", "keras.layers.Dense"]
# replaces = ["tf.contrib.layers.l2_regularizer", "W_regularizer=", "tf.losses.get_regularization_loss"]
# why = """A regulariser adds factor * sum of squares (L2) or of absolute values (L1) of a kernel to model.losses. fit
# adds these to the loss by itself, a loop by hand must. On 40 noisy samples of 30 features, of which 3 count, L1 of 0.1
# brought the validation error from about 2.5 to 1.6, where 1.0 is noise, and half of the other weights to about
# zero."""
# pitfalls = """The reported loss holds the penalty, in validation too: compare a metric, such as mse, instead. Keras
# has no factor 1/2, so L2(0.01) pulls with gradient 0.02 * w. Do not regularise biases and the scales of norms."""
# when_not = "With Adam: AdamW's weight_decay, which is not divided by the gradient's size as an L2 in the loss is."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the penalty is missing"
# ///
"""L1 and L2 penalties on kernels: what they add, who adds them, and what they bring on a small data set."""

import keras
import numpy as np
import tensorflow as tf


def fitted(x: np.ndarray, y: np.ndarray, penalty: keras.regularizers.Regularizer | None) -> keras.Model:
    """A linear model of (N, D) to (N, 1), trained on the whole data set in each step."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(shape=(x.shape[1],)), keras.layers.Dense(1, kernel_regularizer=penalty)])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", metrics=["mse"], jit_compile=False)
    dataset = tf.data.Dataset.from_tensors((x, y)).repeat(400)
    model.fit(dataset, verbose=0)
    return model


def loss_by_hand(model: keras.Model, x: np.ndarray, y: np.ndarray) -> tf.Tensor:
    """For a loop of one's own: what fit minimises."""
    return tf.reduce_mean((model(x, training=True) - y) ** 2) + tf.add_n(model.losses)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = rng.normal(size=(240, 30)).astype("float32")
    y = x[:, :1] - 2 * x[:, 1:2] + 0.5 * x[:, 2:3] + rng.normal(size=(240, 1)).astype("float32")
    train, validation = (x[:40], y[:40]), (x[40:], y[40:])

    errors = {}
    for penalty in (None, keras.regularizers.L2(0.05), keras.regularizers.L1(0.1)):
        model = fitted(*train, penalty)
        name = type(penalty).__name__ if penalty else "none"
        loss, errors[name] = model.evaluate(*validation, batch_size=200, verbose=0)
        kernel = model.layers[0].kernel.numpy()
        expected = {"none": 0.0, "L2": 0.05 * (kernel**2).sum(), "L1": 0.1 * np.abs(kernel).sum()}[name]
        assert np.isclose(loss - errors[name], expected, rtol=1e-3, atol=1e-5)  # the loss holds the penalty
        if penalty:
            assert np.isclose(loss_by_hand(model, *validation), loss, rtol=1e-4)
    small = (np.abs(kernel[3:]) < 0.05).mean()  # of the L1 model, among the features that mean nothing
    print({name: round(error, 2) for name, error in errors.items()}, f"{small:.0%} of the others about zero")
    assert errors["L1"] < 0.85 * errors["none"] and errors["L2"] < errors["none"] and small > 0.35
