"""Wrong: a softmax over the batch; every shape is right, and each answer depends on who else is in the batch."""

import keras
import numpy as np
import tensorflow as tf

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5), keras.layers.Softmax(axis=0)])  # wrong: axis=-1
inputs = tf.constant(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
with tf.GradientTape() as tape:
    tape.watch(inputs)
    outputs = model(inputs)
    value = outputs[0, 0]
assert outputs.shape == (4, 5)  # the usual test sees nothing
reached = np.any(tape.gradient(value, inputs), axis=1).tolist()
assert reached == [True, False, False, False], f"sample 0 depends on other samples: {reached}"
