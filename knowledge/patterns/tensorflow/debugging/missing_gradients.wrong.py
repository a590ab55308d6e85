"""Wrong: numpy inside the tape; nothing connects the loss with the variables."""

import keras
import numpy as np
import tensorflow as tf

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
with tf.GradientTape() as tape:
    outputs = np.asarray(model(np.ones((4, 8))))  # wrong: stay with tensors
    loss = tf.reduce_mean(tf.square(outputs))
keras.optimizers.SGD().apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
