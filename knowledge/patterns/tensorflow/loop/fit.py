# /// pattern
# id = "tf.loop.fit"
# topic = "train.loop"
# role = "loop"
# provides = "fit"
# entry = "fit"
# twin = "pt.loop.plain"
# questions = [
#     "train a keras model with validation data",
#     "model.fit with tf.data dataset",
#     "fit got an unexpected keyword argument workers",
#     "fit_generator replacement",
#     "progress bar when output is a log file",
#     "keras fit calbacks",
# ]
# errors = [
#     "TypeError: TensorFlowTrainer.fit() got an unexpected keyword argument 'workers'",
#     "AttributeError: 'Functional' object has no attribute 'fit_generator'",
# ]
# apis = ["keras.Model.fit", "keras.callbacks.History"]
# replaces = ["fit_generator", "fit(workers=, use_multiprocessing=)"]
# why = """A tf.data.Dataset brings its own batches and threads, so fit takes neither batch_size nor workers. A
# progress bar belongs on a terminal; in a log file one line per epoch is readable."""
# pitfalls = "fit trains on from where the weights are: build the model anew for a fresh start."
# when_not = """Losses that need several backward passes or gradient surgery: override train_step or write a
# GradientTape loop."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises TypeError: got an unexpected keyword argument 'workers'"
# ///
"""Training through Model.fit, with validation after every epoch."""

import sys

import keras
import numpy as np
import tensorflow as tf


def fit(
    model: keras.Model,
    train: tf.data.Dataset,
    val: tf.data.Dataset,
    *,
    epochs: int,
    callbacks: list[keras.callbacks.Callback],
) -> keras.callbacks.History:
    """Train a compiled model; a progress bar on a terminal, one line per epoch elsewhere."""
    verbose = 1 if sys.stdout.isatty() else 2
    # shuffle is for arrays: a dataset shuffles itself, and fit warns where it is left on.
    return model.fit(train, validation_data=val, epochs=epochs, callbacks=callbacks, shuffle=False, verbose=verbose)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(300, 4)).astype("float32")
    dataset = tf.data.Dataset.from_tensor_slices((x, x.sum(axis=1, keepdims=True)))
    train, val = dataset.take(200).batch(32), dataset.skip(200).batch(32)
    model = keras.Sequential(
        [keras.Input(shape=(4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    history = fit(model, train, val, epochs=5, callbacks=[]).history
    assert history["loss"][-1] < 0.5 * history["loss"][0] and history["val_loss"][-1] < history["val_loss"][0]
