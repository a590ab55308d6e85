# /// pattern
# id = "tf.saving.save-model"
# topic = "model.saving"
# twin = "pt.save.state-dict"
# questions = [
#     "save and load a keras model",
#     "model.save directory error keras 3",
#     "invalid filepath extension for saving",
#     "h5 or keras format",
#     "continue training a loaded model",
#     "save keras modle",
# ]
# errors = [
#     "ValueError: Invalid filepath extension for saving. Please add either a `.keras` extension",
#     "You are saving your model as an HDF5 file",
# ]
# apis = ["keras.Model.save", "keras.models.load_model"]
# replaces = ["model.save('folder')", "model.save('model.h5')", "save_format='tf'", "tf.keras.models.save_model"]
# why = """One .keras file holds architecture, weights, the compiled loss and the optimizer's moments, so a loaded model
# predicts the same and trains on where it stopped. A folder raises: that format is written by model.export now, for
# serving only."""
# pitfalls = """Custom layers and losses need keras.saving.register_keras_serializable. Load only files you trust; leave
# safe_mode on."""
# when_not = """Serving without Keras: model.export. A model whose Python class must not be needed, or weights for
# another architecture: save_weights."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Invalid filepath extension for saving"
# ///
"""Save a whole model as a .keras file, load it, and train on."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np

if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    model.fit(x, x[:, :1], epochs=2, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.models.load_model(path)
    assert np.allclose(model(x), loaded(x), atol=1e-6)
    model.fit(x, x[:, :1], shuffle=False, verbose=0)
    loaded.fit(x, x[:, :1], shuffle=False, verbose=0)  # with the optimizer's moments: the same step
    difference = np.abs(np.asarray(model(x)) - np.asarray(loaded(x))).max()
    print(f"difference after one more epoch each: {difference:.1e}")
    assert difference < 1e-5
