# /// pattern
# id = "tf.schedule.plateau"
# topic = "train.schedule"
# role = "schedule"
# provides = "plateau"
# entry = "build_plateau_callback"
# twin = "pt.schedule.plateau"
# questions = [
#     "reduce learning rate on plateau keras",
#     "ReduceLROnPlateau with val_loss",
#     "lower the lr when validation loss stops improving",
#     "plateau callback tensorflow",
#     "reducelronplato keras",
# ]
# errors = ["TypeError: This optimizer was created with a `LearningRateSchedule` object"]
# apis = ["keras.callbacks.ReduceLROnPlateau"]
# replaces = ["ReduceLROnPlateau(epsilon=)"]
# why = """The rate is halved when the validation loss has not improved for three epochs. The callback sets
# optimizer.learning_rate, so the optimizer must have been built with a number, not with a schedule."""
# pitfalls = "Its patience must be smaller than that of early stopping, or training ends before the rate falls."
# when_not = "No validation data, or a schedule object in the optimizer, which the callback cannot set."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: This optimizer was created with a `LearningRateSchedule` object"
# ///
"""Halve the learning rate when the validation loss stops falling."""

import warnings

import keras
import numpy as np


def build_plateau_callback() -> keras.callbacks.Callback:
    """Half the rate after three epochs without a better val_loss, down to 1e-6."""
    return keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3, min_lr=1e-6)


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own callbacks.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    # From zero every step towards the noise leads away from -noise: the validation loss never falls.
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mse", jit_compile=False)
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(64, 4)).astype("float32"), rng.normal(size=(64, 1)).astype("float32")
    history = model.fit(
        x, noise, validation_data=(x, -noise), epochs=12, verbose=0, callbacks=[build_plateau_callback()]
    )
    rates = np.array(history.history["learning_rate"])
    print(rates)
    assert rates[0] == np.float32(0.1) and rates[-1] < 0.06 and (np.diff(rates) <= 0).all()
