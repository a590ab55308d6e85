"""Wrong: -1 for what is to be left out, without telling the loss."""

import keras
import numpy as np
import tensorflow as tf

loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # wrong: ignore_class=-1
loss(np.array([0, 1, -1]), tf.ones((3, 3)))
