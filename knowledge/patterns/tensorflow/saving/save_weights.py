# /// pattern
# id = "tf.saving.save-weights"
# topic = "model.saving"
# twin = "pt.save.partial-load"
# questions = [
#     "save only the weights keras",
#     "load_weights into a new model",
#     "filename must end in .weights.h5",
#     "copy weights from a pretrained model with another head",
#     "load weights skip mismatch",
#     "save_wieghts keras 3",
# ]
# errors = [
#     "ValueError: The filename must end in `.weights.h5`. Received: filepath=weights.h5",
#     "ValueError: A total of 1 objects could not be loaded.",
# ]
# apis = ["keras.Model.save_weights", "keras.Model.load_weights"]
# replaces = ["save_weights('ckpt')", "save_weights('w.h5')", "load_weights(by_name=True)"]
# why = """A weights file fits the architecture that wrote it; its name must end in .weights.h5. skip_mismatch loads
# what fits, for a new head on an old body, and says what it left out."""
# pitfalls = "The layers must come in the same order with the same shapes."
# when_not = "To pass a model on, save the whole model as .keras."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: The filename must end in `.weights.h5`"
# ///
"""Save weights alone, and load them into a model with another head."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


def build_model(num_classes: int) -> keras.Model:
    """Features (B, 4) to logits (B, num_classes)."""
    inputs = keras.Input(shape=(4,))
    x = keras.layers.Dense(8, activation="relu", name="body")(inputs)
    return keras.Model(inputs, keras.layers.Dense(num_classes, name="head")(x))


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    old, new = build_model(10), build_model(3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.weights.h5"
        old.save_weights(path)
        same = build_model(10)
        same.load_weights(path)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            new.load_weights(path, skip_mismatch=True)
    assert all(np.array_equal(a, b) for a, b in zip(old.get_weights(), same.get_weights(), strict=True))
    assert np.array_equal(old.get_layer("body").kernel, new.get_layer("body").kernel)
    left_out = [str(warning.message) for warning in caught if "could not be loaded" in str(warning.message)]
    print(left_out[0].splitlines()[0])
    assert left_out and new.get_layer("head").kernel.shape == (8, 3)
