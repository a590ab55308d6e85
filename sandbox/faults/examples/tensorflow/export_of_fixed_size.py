"""A regression model that is exported for serving."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = x @ random.normal(size=(8, 1)).astype("float32") + np.abs(x[:, :1])
x = x.reshape(-1, 4, 2)

model = keras.Sequential(
    [keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, y, batch_size=32, epochs=10, verbose=0)


class Serving(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec([1, 4, 2], tf.float32)])  # WRONG
    @tf.function(input_signature=[tf.TensorSpec([None, 4, 2], tf.float32)])  # RIGHT
    def answer(self, features):
        return self.model(features, training=False)


serving = Serving(model)
tf.saved_model.save(serving, "exported", signatures={"serving_default": serving.answer})
