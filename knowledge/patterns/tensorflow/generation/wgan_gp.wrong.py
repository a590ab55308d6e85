"""Wrong: the slope is taken by one tape, before the tape of the step begins to record."""

import keras
import tensorflow as tf

critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
points = tf.random.normal((8, 2))
with tf.GradientTape() as inner:
    inner.watch(points)
    scores = critic(points)
slopes = inner.gradient(scores, points)  # wrong: inside of the tape below
with tf.GradientTape() as tape:
    penalty = tf.reduce_mean((tf.norm(slopes, axis=1) - 1) ** 2)
gradients = tape.gradient(penalty, critic.trainable_variables)
assert gradients[0] is not None, f"nothing can be learnt from the penalty: its gradients are {gradients}"
