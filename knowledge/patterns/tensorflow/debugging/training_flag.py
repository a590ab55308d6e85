# /// pattern
# id = "tf.debugging.training-flag"
# topic = "debugging.modes"
# twin = "pt.debugging.eval-mode"
# questions = [
#     "training=True or False in keras",
#     "dropout does nothing in my custom training loop",
#     "batch normalization moving average is not updated",
#     "predictions differ between model(x) and model(x, training=True)",
#     "keras layer call training argument default",
#     "validation accuracy much lower than training accuracy batchnorm",
#     "trainning argument keras model call",
# ]
# apis = ["keras.layers.Dropout", "keras.layers.BatchNormalization", "keras.Layer.trainable"]
# replaces = ["keras.backend.set_learning_phase", "keras.backend.learning_phase", "model.eval()"]
# why = """Keras has no mode of the model: each call says it. fit passes training=True and evaluate False; model(x)
# alone means False, so in a loop of one's own dropout and the moving averages of BatchNormalization stand still unless
# training=True is given."""
# pitfalls = """trainable=False is another switch: it freezes weights, and puts BatchNormalization alone into inference.
# A layer inside a layer is handed training by Keras; pass it on yourself only to change it."""
# when_not = "Monte Carlo dropout, where noise at inference is the point: training=True on purpose."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the moving averages were never updated"
# ///
"""The training argument: what dropout and batch normalisation do with it."""

import keras
import numpy as np
import tensorflow as tf


def build_model() -> keras.Model:
    """(N, 4) to (N, 1)."""
    return keras.Sequential(
        [keras.Input((4,)), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    )


def train_step(model: keras.Model, optimizer: keras.Optimizer, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """One step; x (N, 4), y (N, 1)."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return loss


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(loc=5, size=(64, 4)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    model, optimizer = build_model(), keras.optimizers.SGD(1e-3)
    normalise = model.layers[0]

    np.testing.assert_array_equal(model(x), model(x, training=False))  # the default
    assert np.any(model(x, training=True) != model(x, training=True))  # another dropout mask each time
    normalise.moving_mean.assign(np.zeros(4))

    for _ in range(300):
        train_step(model, optimizer, x, y)
    np.testing.assert_allclose(normalise.moving_mean, x.mean(axis=0) * (1 - normalise.momentum**300), rtol=1e-4)

    before = np.asarray(normalise.moving_mean).copy()
    model(x)
    normalise.trainable = False  # frozen: inference even while training
    model(x, training=True)
    np.testing.assert_array_equal(normalise.moving_mean, before)
    print(before.round(2))
