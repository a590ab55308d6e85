"""Wrong: the sign; an optimiser descends, so what turned out well becomes rarer."""

import keras
import tensorflow as tf

logits = tf.Variable([[0.0, 0.0]])
optimizer = keras.optimizers.SGD(1.0)
with tf.GradientTape() as tape:
    loss = 2.0 * tf.nn.log_softmax(logits)[0, 1]  # action 1 gave 2; wrong: a minus in front
optimizer.apply([tape.gradient(loss, logits)], [logits])
probability = float(tf.nn.softmax(logits)[0, 1])
assert probability > 0.5, f"the chosen action became rarer although it paid: its probability is {probability:.2f}"
