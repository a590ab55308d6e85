# /// pattern
# id = "tf.migration.leaky-relu"
# topic = "migration.layers"
# questions = [
#   "LeakyReLU alpha deprecated use negative_slope",
#   "leaky relu keras 3",
#   "Argument alpha is deprecated",
#   "layers.advanced_activations LeakyReLU import error",
#   "ThresholdedReLU removed from keras",
#   "leakyrelu alfa keras",
# ]
# errors = [
#   "UserWarning: Argument `alpha` is deprecated. Use `negative_slope` instead.",
#   "AttributeError: module 'keras.layers' has no attribute 'ThresholdedReLU'",
# ]
# apis = ["keras.layers.LeakyReLU", "keras.layers.ReLU"]
# replaces = ["LeakyReLU(alpha=)", "keras.layers.advanced_activations", "keras.layers.ThresholdedReLU"]
# why = """The slope of the negative side is called negative_slope, and its default is 0.3, thirty times the 0.01 of
# PyTorch. ThresholdedReLU is gone; ReLU(threshold=) does it."""
# pitfalls = "activation=\"leaky_relu\" in a layer uses a slope of 0.2, not the 0.3 of the layer LeakyReLU."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: Argument `alpha` is deprecated. Use `negative_slope` instead."
# ///
"""Leaky and thresholded ReLU in Keras 3, with their slopes said."""

import keras
import numpy as np

if __name__ == "__main__":
    x = np.array([-10.0, 0.5, 2.0], "float32")
    leaky = np.asarray(keras.layers.LeakyReLU(negative_slope=0.1)(x))
    np.testing.assert_allclose(leaky, [-1.0, 0.5, 2.0])

    layer_default = float(keras.layers.LeakyReLU()(x)[0])
    function_default = float(keras.activations.get("leaky_relu")(x)[0])
    np.testing.assert_allclose([layer_default, function_default], [-3.0, -2.0], rtol=1e-6)

    thresholded = keras.layers.ReLU(threshold=1.0)(x)  # ThresholdedReLU(theta=1.0)
    np.testing.assert_allclose(np.asarray(thresholded), [0.0, 0.0, 2.0])
    print(f"-10 becomes {layer_default:.1f} in the layer, {function_default:.1f} as an activation")
