# /// pattern
# id = "tf.train.custom-callback"
# topic = "train.callbacks"
# questions = [
#     "write a custom callback keras",
#     "stop training when accuracy reaches a threshold",
#     "add my own metric to the logs so EarlyStopping can monitor it",
#     "log the gradient norm or f1 score after each epoch keras",
#     "callback on_epoch_end logs keys",
#     "Early stopping conditioned on metric which is not available",
#     "custum callback tensorflow",
#     "access validation data in a callback",
# ]
# errors = ["""UserWarning: Early stopping conditioned on metric `val_f1` which is not available. \
# Available metrics are: loss"""]
# apis = ["keras.callbacks.Callback", "keras.callbacks.EarlyStopping", "keras.Model.stop_training"]
# replaces = ["self.validation_data in a callback", "on_epoch_end with self.model.validation_data"]
# why = """Every callback of an epoch is given the same dict of logs, in the order of the list: what one adds, the later
# ones see, and History keeps. So a figure that is no Keras metric, here scikit-learn's F1, can be watched by
# EarlyStopping. self.model.stop_training = True ends fit after the epoch."""
# pitfalls = """A callback has no validation data of its own: hand it over. Code per batch slows every step; values in
# logs during a batch are running means of the epoch."""
# when_not = "A figure that can be summed up over batches: a keras.metrics.Metric."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "warns UserWarning: Early stopping conditioned on metric `val_f1` which is not available"
# ///
"""A callback that computes F1 on validation data, puts it into the logs, and lets others act on it."""

import keras
import numpy as np
from sklearn.metrics import f1_score


class ValidationF1(keras.callbacks.Callback):
    """Adds val_f1 to the logs of each epoch; stands before the callbacks that read it. Ends fit at the target."""

    def __init__(self, x: np.ndarray, y: np.ndarray, *, target: float = 1.0) -> None:
        super().__init__()
        self.x, self.y, self.target = x, y, target

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        logits = self.model.predict(self.x, verbose=0)[:, 0]
        logs["val_f1"] = float(f1_score(self.y, logits > 0, zero_division=0))
        if logs["val_f1"] >= self.target:
            self.model.stop_training = True


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(512, 4)).astype("float32")
    y = (x[:, 0] + x[:, 1] > 1).astype("float32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.05), loss, jit_compile=False)
    patience = keras.callbacks.EarlyStopping("val_f1", mode="max", patience=5, restore_best_weights=True)
    watch = ValidationF1(x[384:], y[384:], target=0.9)
    history = model.fit(x[:384], y[:384], epochs=40, verbose=0, callbacks=[watch, patience]).history

    assert 1 < len(history["val_f1"]) < 40  # it ended by itself
    assert history["val_f1"][-1] >= 0.9 > max(history["val_f1"][:-1])
    predicted = model.predict(x[384:], verbose=0)[:, 0] > 0
    hits = np.sum(predicted & (y[384:] == 1))
    by_hand = 2 * hits / (np.sum(predicted) + np.sum(y[384:]))
    assert abs(history["val_f1"][-1] - by_hand) < 1e-6
    assert history["loss"][-1] < history["loss"][0]
    print(f"F1 {history['val_f1'][0]:.2f} -> {history['val_f1'][-1]:.2f} in {len(history['val_f1'])} epochs")
