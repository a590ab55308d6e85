# /// pattern
# id = "tf.tensors.running-moments"
# topic = "tensors.numerics"
# twin = "pt.tensors.running-moments"
# questions = [
#     "mean and std of a dataset that does not fit into memory tensorflow",
#     "Normalization layer adapt on a tf.data dataset",
#     "variance is negative or nan float32 tensorflow",
#     "welford running variance",
#     "standardise features inside the keras model",
#     "normalisation constants datset keras adapt",
# ]
# apis = ["keras.layers.Normalization", "keras.layers.Normalization.adapt"]
# replaces = ["keras.layers.experimental.preprocessing.Normalization", "E[x^2] - E[x]^2"]
# why = """The mean of the squares minus the square of the mean subtracts two large numbers that are nearly equal: in
# float32 nothing is left where the mean is some thousand times the deviation. Normalization.adapt merges the moments
# of batches instead, keeps them in the model, and with it they are saved and applied."""
# pitfalls = """adapt reads the features alone: map the labels away. Take the constants from the training part only; a
# second adapt starts anew."""
# when_not = "Inside a network: BatchNormalization follows the activations while they change."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the variance is lost"
# ///
"""Features standardised inside the model, with constants from a data set that is read batch by batch."""

import keras
import numpy as np
import tensorflow as tf


def normaliser(dataset: tf.data.Dataset) -> keras.layers.Normalization:
    """From batches of (features (N, D), labels): a layer (N, D) to (N, D) with mean 0 and deviation 1."""
    layer = keras.layers.Normalization(axis=-1)
    layer.adapt(dataset.map(lambda features, _: features))
    return layer


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(1000, 3)) * [1.0, 0.1, 5.0] + [100.0, 0.0, -3.0]).astype("float32")
    x[500:] += 2  # the batches differ
    y = rng.integers(0, 2, size=1000)
    layer = normaliser(tf.data.Dataset.from_tensor_slices((x, y)).batch(64))  # the last batch has 40

    exact = x.astype("float64")
    expected = (exact - exact.mean(axis=0)) / exact.std(axis=0)
    np.testing.assert_allclose(layer(x), expected, atol=1e-3)

    model = keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(1)])
    assert len(layer.trainable_variables) == 0 and len(model.trainable_variables) == 2  # constants, not weights

    of_batches = np.mean([batch.std(axis=0) for batch in np.array_split(x, 16)], axis=0)
    assert of_batches[1] < 0.3 * exact.std(axis=0)[1]  # what lies between the batches is missing
    print(exact.mean(axis=0).round(2), exact.std(axis=0).round(2))
