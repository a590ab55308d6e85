# /// pattern
# id = "tf.migration.layer-outputs"
# topic = "migration.features"
# questions = [
#   "layer has no attribute output_shape",
#   "get_output_at removed keras 3",
#   "intermediate layer output keras",
#   "K.function replacement to get activations",
#   "Dense object has no attribute input_shape",
#   "extract features from a midle layer keras",
# ]
# errors = [
#   "AttributeError: 'Dense' object has no attribute 'output_shape'",
#   "AttributeError: 'Dense' object has no attribute 'get_output_at'",
#   "AttributeError: 'Dense' object has no attribute 'input_shape'",
# ]
# apis = ["keras.Model", "keras.Model.get_layer"]
# replaces = [
#   "layer.output_shape",
#   "layer.input_shape",
#   "layer.get_output_at",
#   "keras.backend.function",
#   "K.function([model.input], [layer.output])",
# ]
# why = """A layer's output is a symbolic tensor: its shape is layer.output.shape, and a model from the inputs to it
# gives the activations, computed with the same weights."""
# pitfalls = """Models keep output_shape, layers do not. A layer that was called twice has no single output: keep the
# tensors where you call it."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: 'Dense' object has no attribute 'output_shape'"
# ///
"""Shapes and activations of a layer inside a model."""

import keras
import numpy as np


def features_of(model: keras.Model, layer: str) -> keras.Model:
    """A model with the same inputs that gives the output of the named layer, with shared weights."""
    return keras.Model(model.inputs, model.get_layer(layer).output)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(5, activation="relu", name="hidden"), keras.layers.Dense(2, name="head")]
    model = keras.Sequential([keras.Input(shape=(3,)), *layers])
    hidden = model.get_layer("hidden")
    assert tuple(hidden.input.shape) == (None, 3) and tuple(hidden.output.shape) == (None, 5)

    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    features = features_of(model, "hidden").predict(x, verbose=0)  # (4, 5)
    kernel, bias = hidden.get_weights()
    np.testing.assert_allclose(features, np.maximum(x @ kernel + bias, 0), atol=1e-5)

    hidden.set_weights([kernel * 2, bias])  # shared: the extractor sees the change
    again = features_of(model, "hidden").predict(x, verbose=0)
    np.testing.assert_allclose(again, 2 * features, atol=1e-5)
    print(f"features {features.shape}")
