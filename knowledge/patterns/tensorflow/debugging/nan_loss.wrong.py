"""Wrong: cross entropy written as the logarithm of a softmax."""

import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    logits = tf.Variable([[200.0, 0.0, -200.0]])
    with tf.GradientTape() as tape:
        loss = -tf.math.log(tf.nn.softmax(logits))[0, 2]
    gradient = tape.gradient(loss, logits)
    assert np.isfinite(gradient).all(), f"the gradient is NaN: {gradient.numpy()}, loss {float(loss)}"
