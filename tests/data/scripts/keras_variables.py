"""A straight line fitted by hand: two bare variables, a tape, and an update of the program's own."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(0)
random = np.random.default_rng(0)
x = tf.constant(random.normal(size=(256, 3)).astype(np.float32))
y = tf.linalg.matvec(x, [1.0, -2.0, 0.5]) + 0.3
weights, bias = tf.Variable(tf.zeros([3])), tf.Variable(0.0)

for _ in range(60):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.linalg.matvec(x, weights) + bias - y))
    for variable, gradient in zip((weights, bias), tape.gradient(loss, (weights, bias)), strict=True):
        variable.assign_sub(0.1 * gradient)
print(f"loss {float(loss):.4f}")
