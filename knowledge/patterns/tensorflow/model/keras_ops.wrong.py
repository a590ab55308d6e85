"""Wrong: a TensorFlow function on the symbolic tensor of a functional model."""

import keras
import tensorflow as tf

if __name__ == "__main__":
    inputs = keras.Input(shape=(10, 4))
    outputs = keras.layers.Dense(1)(tf.reduce_mean(inputs, axis=1))
