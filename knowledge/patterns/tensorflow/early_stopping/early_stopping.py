# /// pattern
# id = "tf.early-stopping.early-stopping"
# topic = "train.early-stopping"
# role = "early-stopping"
# provides = "early-stopping"
# entry = "early_stopping"
# twin = "pt.early-stopping.early-stopping"
# questions = [
#     "early stopping keras",
#     "restore_best_weights",
#     "stop training when val_loss stops improving",
#     "early stopping conditioned on metric val_loss which is not available",
#     "EarlyStopping patience min_delta",
#     "earlystoping keras",
# ]
# errors = ["UserWarning: Early stopping conditioned on metric `val_loss` which is not available."]
# apis = ["keras.callbacks.EarlyStopping"]
# why = """Without restore_best_weights the model keeps the weights of the last epoch, which is patience epochs past the
# best. The metric must exist: without validation data there is no val_loss, and training just runs on with a
# warning."""
# pitfalls = "A resumed run starts the patience anew. For accuracy state mode='max'."
# when_not = """The schedule must run to its end (cosine, one-cycle): train all epochs and keep the best checkpoint."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Early stopping conditioned on metric `val_loss` which is not available"
# ///
"""Stop when the validation loss no longer improves, and go back to the best weights."""

import warnings

import keras
import numpy as np


def early_stopping(*, patience: int, min_delta: float = 0.0) -> keras.callbacks.EarlyStopping:
    """Stop after patience epochs without a val_loss at least min_delta below the best; restore the best weights."""
    return keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=patience, min_delta=min_delta, restore_best_weights=True
    )


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own callbacks.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, x_val = rng.normal(size=(2, 40, 30)).astype("float32")
    y, y_val = x[:, :1] + rng.normal(size=(40, 1)), x_val[:, :1] + rng.normal(size=(40, 1))
    model = keras.Sequential(
        [keras.Input(shape=(30,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    stopper = early_stopping(patience=3)
    history = model.fit(
        x, y, validation_data=(x_val, y_val), epochs=100, batch_size=10, verbose=0, callbacks=[stopper]
    ).history["val_loss"]
    print(f"stopped after {len(history)} epochs; best {min(history):.3f}, last {history[-1]:.3f}")
    assert len(history) < 100 and np.argmin(history) == len(history) - 4
    assert np.isclose(model.evaluate(x_val, y_val, verbose=0), min(history), rtol=1e-4)
