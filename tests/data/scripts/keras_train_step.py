"""A model with its own train_step, trained by fit on tf.data: a denoising autoencoder without labels."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)


class Denoiser(keras.Model):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.encoder = keras.layers.Dense(8, activation="tanh")
        self.decoder = keras.layers.Dense(size)
        self.loss_mean = keras.metrics.Mean(name="loss")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.decoder(self.encoder(x))

    def train_step(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        noisy = x + tf.random.normal(tf.shape(x), stddev=0.1)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(noisy) - x))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply(gradients, self.trainable_weights)
        self.loss_mean.update_state(loss)
        return {"loss": self.loss_mean.result()}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.loss_mean]


basis = np.random.default_rng(0).normal(size=(4, 20))
rows = (np.random.default_rng(1).normal(size=(512, 4)) @ basis).astype(np.float32)
model = Denoiser(20)
model.compile(optimizer=keras.optimizers.Adam(1e-2))
model.fit(tf.data.Dataset.from_tensor_slices(rows).shuffle(512).batch(32), epochs=4, verbose=0)
model.save_weights("denoiser.weights.h5")
