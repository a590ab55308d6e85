"""Wrong: only TensorFlow is seeded; Keras 3 takes the seeds of its initializers from Python's random."""

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    weights = []
    for _ in range(2):
        tf.random.set_seed(0)
        np.random.default_rng(0)
        weights.append(keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(4)]).get_weights()[0])
    assert np.array_equal(weights[0], weights[1]), "the initial weights differ between two runs with the same seed"
