"""Wrong: logits given to a loss that takes probabilities; they are clipped, and the clip has no gradient."""

import keras
import numpy as np
import tensorflow as tf

logits = tf.constant([[-3.0]])
with tf.GradientTape() as tape:
    tape.watch(logits)
    loss = keras.losses.BinaryCrossentropy()(np.array([[1.0]]), logits)  # wrong: from_logits=True
gradient = float(tape.gradient(loss, logits)[0, 0])
assert gradient < 0, f"no gradient reaches the certain mistake: {gradient}"
