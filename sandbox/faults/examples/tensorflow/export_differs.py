"""A classifier with batch normalisation that is exported for serving."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(256, 8)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("int32")

model = keras.Sequential(
    [keras.Input((8,)), keras.layers.Dense(32, "relu"), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
)
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x, y, batch_size=32, epochs=10, verbose=0)


class Serving(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec([None, 8], tf.float32)])
    def answer(self, features):
        return self.model(features, training=True)  # WRONG
        return self.model(features, training=False)  # RIGHT


serving = Serving(model)
tf.saved_model.save(serving, "exported", signatures={"serving_default": serving.answer})
