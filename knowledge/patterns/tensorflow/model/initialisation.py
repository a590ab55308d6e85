# /// pattern
# id = "tf.model.initialisation"
# topic = "model.initialisation"
# twin = "pt.model.initialisation"
# questions = [
#     "weight initialization keras",
#     "he_normal for relu layers",
#     "glorot or he initializer",
#     "kernel_initializer for a deep network",
#     "all layers have the same initial weights keras",
#     "bias initializer for imbalanced classes",
#     "wieght initialiser tensorflow",
#     "activations vanish in a deep relu network keras",
# ]
# apis = ["keras.initializers.Constant"]
# replaces = ["tf.contrib.layers.xavier_initializer", "keras.initializers.he_normal", "init='he_normal'"]
# why = """A sum over fan_in inputs has fan_in times the variance of a product; behind a ReLU, which drops half of it,
# weights of variance 2 / fan_in (He) keep a signal's size. Keras' default is Glorot, 1 / fan_in for square layers,
# which halves the variance with every ReLU: the demo measures what 30 layers of width 256 leave of it."""
# pitfalls = """One initializer object gives the same values at every call with the same shape: two layers that share it
# begin as twins. Make one for each layer, or give its name."""
# when_not = "tanh or linear layers want Glorot; behind normalisation layers the choice matters far less."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: both layers begin with the same weights"
# ///
"""He's initialisation for ReLU networks, shown by the size of the signal after thirty layers."""

import math

import keras
import numpy as np


def deep_network(depth: int, width: int, *, initializer: str) -> keras.Sequential:
    """(B, width) to (B, width); a name makes a new initializer for every layer."""
    dense = [keras.layers.Dense(width, activation="relu", kernel_initializer=initializer) for _ in range(depth)]
    return keras.Sequential([keras.Input((width,)), *dense])


def head_at_base_rate(positive_rate: float) -> keras.layers.Dense:
    """One logit that begins with the rate of positives instead of 0.5, which saves the first epochs."""
    bias = math.log(positive_rate / (1 - positive_rate))
    return keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(bias))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(512, 256)).astype("float32")
    he = deep_network(30, 256, initializer="he_normal")
    glorot = deep_network(30, 256, initializer="glorot_uniform")  # the default
    size, size_by_default = (float(np.std(model(x))) for model in (he, glorot))
    assert 0.1 < size < 10
    expected = size * math.sqrt(0.5) ** 30  # half the variance for each layer
    assert 0.1 < size_by_default / expected < 10, (size_by_default, expected)

    kernel = np.asarray(he.layers[0].kernel.value)  # (256, 256)
    assert abs(kernel.var() * 256 / 2 - 1) < 0.05
    assert abs(np.corrcoef(kernel.ravel(), np.asarray(he.layers[1].kernel.value).ravel())[0, 1]) < 0.05

    probability = keras.ops.sigmoid(head_at_base_rate(0.02)(x))
    np.testing.assert_allclose(probability, np.full((512, 1), 0.02), rtol=1e-5)
    print(f"after 30 layers: He {size:.2f}, Glorot {size_by_default:.1e}")
