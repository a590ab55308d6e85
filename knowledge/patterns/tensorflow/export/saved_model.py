# /// pattern
# id = "tf.export.saved-model"
# topic = "export.serving"
# twin = "pt.migration.jit-to-export"
# questions = [
#     "export keras model for tensorflow serving",
#     "SavedModel keras 3",
#     "model.export vs model.save",
#     "load_model cannot read SavedModel folder",
#     "TFSMLayer use an old saved model",
#     "export savedmodel kears",
# ]
# errors = [
#     "ValueError: File format not supported:",
#     "Keras 3 only supports V3 `.keras` files and legacy H5 format files (`.h5` extension).",
# ]
# apis = ["keras.Model.export", "tf.saved_model.load", "keras.layers.TFSMLayer"]
# replaces = ["model.save('folder')", "keras.models.load_model('folder')", "tf.saved_model.save(model)"]
# why = """model.export writes a SavedModel with a serve endpoint that needs no Keras and takes any batch size. It is
# for inference only: Keras 3 reads such a folder back as a TFSMLayer, never as a model to train."""
# pitfalls = "Keep the .keras file as well: from an export there is no way back."
# when_not = "To train on or to change the model later: the .keras file."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: File format not supported"
# ///
"""Export a model as a SavedModel and call it without Keras."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "export")
        model.export(path, verbose=False)
        served = tf.saved_model.load(path)
        layer = keras.layers.TFSMLayer(path, call_endpoint="serve")
        for batch in (x, x[:1]):
            assert np.allclose(served.serve(batch), model(batch), atol=1e-5)
            assert np.allclose(layer(batch), model(batch), atol=1e-5)
    print("served logits", served.serve(x).shape)
