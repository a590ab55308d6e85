# /// pattern
# id = "tf.model.keras-ops"
# topic = "model.functional"
# questions = [
#     "A KerasTensor cannot be used as input to a TensorFlow function",
#     "use tf functions in the functional api keras 3",
#     "keras.ops instead of tf",
#     "keras.backend.sum missing keras 3",
#     "K.mean replacement",
#     "kerastensor error tf.reduce_mean",
# ]
# errors = [
#     "ValueError: A KerasTensor cannot be used as input to a TensorFlow function.",
#     "AttributeError: module 'keras.backend' has no attribute 'sum'",
# ]
# apis = ["keras.ops.normalize", "keras.ops.sum", "keras.Input"]
# replaces = ["keras.backend.sum", "keras.backend.mean", "tf.reduce_mean on keras.Input", "keras.layers.Lambda"]
# why = """A functional model is built from symbolic tensors, which tf functions refuse. keras.ops takes symbolic and
# real tensors alike, becomes part of the saved model, and needs no Lambda, which load_model refuses as unsafe."""
# pitfalls = "Something with state or settings is a layer of its own, not a chain of ops."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: A KerasTensor cannot be used as input to a TensorFlow function"
# ///
"""Operations inside a functional model through keras.ops, saved and loaded."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np


def build_similarity_model(features: int) -> keras.Model:
    """Two inputs (B, features) to their cosine similarity (B,) after a shared projection."""
    left, right = keras.Input(shape=(features,)), keras.Input(shape=(features,))
    project = keras.layers.Dense(8)
    a, b = keras.ops.normalize(project(left)), keras.ops.normalize(project(right))  # (B, 8), of length 1
    return keras.Model([left, right], keras.ops.sum(a * b, axis=-1))


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    x = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    model = build_similarity_model(4)
    assert np.allclose(model([x, x]), 1, atol=1e-5) and np.allclose(model([x, -2 * x]), -1, atol=1e-5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "similarity.keras"
        model.save(path)
        loaded = keras.models.load_model(path)
    assert np.allclose(model([x, x[::-1]]), loaded([x, x[::-1]]), atol=1e-6)
    print("similarities", np.asarray(model([x, x[::-1]])).round(2))
