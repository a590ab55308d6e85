"""Wrong: padding="same" puts zeros on both sides; each step sees what comes after it."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
conv = keras.layers.Conv1D(1, 3, padding="same")  # wrong: padding="causal"
x = tf.random.normal((1, 20, 1))
with tf.GradientTape() as tape:
    tape.watch(x)
    one = conv(x)[0, 10, 0]
last = int(np.flatnonzero(tape.gradient(one, x)[0, :, 0]).max())
assert last == 10, f"output 10 sees input {last}"
