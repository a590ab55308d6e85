"""Variational autoencoder (VAE) for small greyscale images.

A ``Sampling`` layer, a ``keras.Model`` subclass with its own ``train_step`` and ``test_step``, trained with ``fit``.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

SEED = 7
IMAGE_SIZE, LATENT_DIM = 16, 4
BATCH_SIZE = 50
EPOCHS = 8
LEARNING_RATE = 2e-3

keras.utils.set_random_seed(SEED)


def make_images(count: int, rng: np.random.Generator) -> np.ndarray:
    # one bright ellipse per image: (count, 16, 16, 1)
    rows, cols = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE]
    centre = rng.uniform(4, 12, size=(count, 2, 1, 1))
    radius = rng.uniform(2, 5, size=(count, 2, 1, 1))
    distance = ((rows - centre[:, 0]) / radius[:, 0]) ** 2 + ((cols - centre[:, 1]) / radius[:, 1]) ** 2
    return (255 / (1 + np.exp(6 * (distance - 1))))[..., None].astype("uint8")


rng = np.random.default_rng(SEED)
train_images = make_images(800, rng).astype("float32") / 255.0
val_images = make_images(150, rng).astype("float32") / 255.0
test_images = make_images(220, rng).astype("float32") / 255.0


class Sampling(layers.Layer):
    """Draw z from a normal distribution with mean ``z_mean`` and log-variance ``z_log_var``."""

    def __init__(self):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(SEED)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(ops.shape(z_mean), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


def build_encoder() -> keras.Model:
    inputs = keras.Input(shape=(IMAGE_SIZE, IMAGE_SIZE, 1))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    z_mean = layers.Dense(LATENT_DIM, name="z_mean")(x)
    z_log_var = layers.Dense(LATENT_DIM, name="z_log_var")(x)
    return keras.Model(inputs, [z_mean, z_log_var, Sampling()([z_mean, z_log_var])], name="encoder")


def build_decoder() -> keras.Model:
    inputs = keras.Input(shape=(LATENT_DIM,))
    x = layers.Reshape((4, 4, 16))(layers.Dense(4 * 4 * 16, activation="relu")(inputs))
    x = layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu")(x)
    outputs = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")(x)
    return keras.Model(inputs, outputs, name="decoder")


class VAE(keras.Model):
    """Reconstruction loss plus KL divergence, both summed over an image and averaged over the batch."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.loss_tracker, self.reconstruction_tracker, self.kl_tracker]

    def call(self, inputs, training=None):
        z_mean, z_log_var, z = self.encoder(inputs, training=training)
        return self.decoder(z, training=training), z_mean, z_log_var

    def compute_losses(self, images, reconstruction, z_mean, z_log_var):
        pixel_loss = keras.losses.binary_crossentropy(images, reconstruction)  # (batch, 16, 16)
        reconstruction_loss = ops.mean(ops.sum(pixel_loss, axis=(1, 2)))
        kl = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
        kl_loss = ops.mean(ops.sum(kl, axis=1))
        return reconstruction_loss + kl_loss, reconstruction_loss, kl_loss

    def update_trackers(self, losses):
        for tracker, value in zip(self.metrics, losses, strict=True):
            tracker.update_state(value)
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, images):
        with tf.GradientTape() as tape:
            reconstruction, z_mean, z_log_var = self(images, training=True)
            losses = self.compute_losses(images, reconstruction, z_mean, z_log_var)
        gradients = tape.gradient(losses[0], self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return self.update_trackers(losses)

    def test_step(self, images):
        reconstruction, z_mean, z_log_var = self(images, training=False)
        return self.update_trackers(self.compute_losses(images, reconstruction, z_mean, z_log_var))


def main() -> None:
    vae = VAE(build_encoder(), build_decoder())
    vae.compile(optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE))
    vae.fit(train_images, validation_data=(val_images,), epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=2)

    results = vae.evaluate(test_images, batch_size=BATCH_SIZE, return_dict=True, verbose=0)
    print("Test:", {name: round(float(value), 2) for name, value in results.items()})

    generated = vae.decoder.predict(rng.normal(size=(16, LATENT_DIM)), verbose=0)
    print("Generated:", generated.shape, "mean brightness", round(float(generated.mean()), 3))
    vae.decoder.save("decoder.keras")


if __name__ == "__main__":
    main()
