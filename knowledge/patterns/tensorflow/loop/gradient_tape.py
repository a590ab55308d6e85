# /// pattern
# id = "tf.loop.gradient-tape"
# topic = "train.loop"
# questions = [
#     "custom training loop GradientTape keras 3",
#     "tf.function train step",
#     "write my own training loop in tensorflow",
#     "training=True in a custom loop",
#     "optimizer.apply_gradients zip example",
#     "gradientape training loop",
# ]
# errors = [
#     "ValueError: No gradients provided for any variable",
#     "ValueError: tf.function only supports singleton tf.Variables created on the first call.",
# ]
# apis = ["tf.GradientTape", "tf.function", "keras.optimizers.Optimizer.apply_gradients"]
# replaces = ["tf.Session", "tf.gradients", "optimizer.minimize"]
# why = """training=True is yours to pass: without it dropout is off and batch normalisation never updates its moving
# statistics, so the model looks fine in training and is wrong afterwards. The optimizer is built before tf.function
# traces, because no variable may be created in a later trace."""
# pitfalls = "Reset metrics in every epoch, and add model.losses if a layer has a regulariser."
# when_not = "Model.fit does the same with callbacks and progress; override train_step if only the step differs."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: batch normalisation has not moved"
# ///
"""A training loop by hand: one compiled step, a mean of the loss over samples."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def make_train_step(
    model: keras.Model, loss_fn: keras.losses.Loss, optimizer: keras.optimizers.Optimizer
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """A compiled function of a batch (x, y) that updates the model and returns the loss, a scalar."""
    optimizer.build(model.trainable_variables)

    @tf.function
    def train_step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return train_step


def train_one_epoch(train_step: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], dataset: tf.data.Dataset) -> float:
    """The mean loss per sample over one pass."""
    mean_loss = keras.metrics.Mean()
    for x, y in dataset:
        mean_loss.update_state(train_step(x, y), sample_weight=len(x))
    return float(mean_loss.result())


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(5, 2, size=(300, 4)).astype("float32")
    labels = (x[:, 0] > 5).astype("int64")
    dataset = tf.data.Dataset.from_tensor_slices((x, labels)).shuffle(300, seed=0).batch(32)
    layers = [keras.layers.BatchNormalization(momentum=0.9), keras.layers.Dense(16, "relu"), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input(shape=(4,)), *layers])
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    train_step = make_train_step(model, loss_fn, keras.optimizers.Adam(0.01))
    losses = [train_one_epoch(train_step, dataset) for _ in range(5)]
    accuracy = (np.asarray(model(x)).argmax(axis=1) == labels).mean()
    print([round(loss, 3) for loss in losses], f"accuracy {accuracy:.2f}")
    assert losses[-1] < 0.5 * losses[0] and accuracy > 0.95
    assert np.allclose(layers[0].moving_mean, 5, atol=0.5)
