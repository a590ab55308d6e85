"""Wrong: predict gives NumPy arrays, and the tape has seen nothing of how they were made."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

inputs = keras.Input((16, 16, 3))
features = layers.Conv2D(4, 3)(inputs)
model = keras.Model(inputs, [features, layers.Dense(2)(layers.GlobalAveragePooling2D()(features))])
images = np.ones((1, 16, 16, 3), "float32")
with tf.GradientTape() as tape:
    maps, logits = (tf.constant(output) for output in model.predict(images, verbose=0))  # wrong: model(images)
    tape.watch(maps)
    score = logits[:, 0]
gradient = tape.gradient(score, maps)
assert gradient is not None, "the tape has no path from the logits back to the features"
