# /// pattern
# id = "tf.migration.history-keys"
# topic = "migration.fit"
# questions = [
#   "KeyError 'acc' history keras",
#   "history.history['val_acc'] does not exist",
#   "plot accuracy of training keras",
#   "EarlyStopping monitor val_acc not available",
#   "what keys are in history.history",
#   "keyerror acc kears history",
# ]
# errors = [
#   "KeyError: 'acc'",
#   "KeyError: 'val_acc'",
#   "UserWarning: Early stopping conditioned on metric `val_acc` which is not available.",
# ]
# apis = ["keras.callbacks.History", "keras.Model.fit"]
# replaces = ["history.history['acc']", "history.history['val_acc']", "monitor='val_acc'"]
# why = """A metric keeps the name under which it was asked for: metrics=["accuracy"] gives "accuracy" and
# "val_accuracy". A callback that watches a name that does not exist only warns, and never stops anything."""
# pitfalls = """Metric objects are called by their name argument, and a second AUC in the same process becomes auc_1:
# give a name."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises KeyError: 'acc'"
# ///
"""The curves of a training, under the names that Keras gives them."""

import keras
import numpy as np


def curves(history: keras.callbacks.History, metric: str) -> tuple[list[float], list[float]]:
    """Values of a metric after each epoch, on training and validation data."""
    return history.history[metric], history.history[f"val_{metric}"]


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(200, 4)).astype("float32")
    y = (x[:, 0] > 0).astype("int32")
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, metrics=["accuracy"], jit_compile=False)
    stop = keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5)
    history = model.fit(x, y, validation_split=0.25, epochs=5, verbose=0, callbacks=[stop])
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    train, validation = curves(history, "accuracy")
    by_hand = (np.asarray(model(x[150:])).argmax(axis=1) == y[150:]).mean()  # validation_split takes the last quarter
    assert len(train) == len(validation) == 5 and abs(validation[-1] - by_hand) < 1e-6
    print(f"val_accuracy {validation[0]:.2f} -> {validation[-1]:.2f}")
