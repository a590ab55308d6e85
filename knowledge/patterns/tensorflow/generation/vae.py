# /// pattern
# id = "tf.generation.vae"
# topic = "generation.vae"
# twin = "pt.generation.vae"
# questions = [
#     "variational autoencoder in keras 3",
#     "VAE sampling layer and KL loss with add_loss",
#     "reparameterization trick tensorflow",
#     "generate new digits keras vae",
#     "vae decoder output all the same keras",
#     "add_loss on a functional model does not work any more",
#     "variational autoencodr keras",
# ]
# apis = ["keras.Layer.add_loss", "keras.random.SeedGenerator", "keras.random.normal"]
# replaces = ["keras.Model.add_loss", "keras.backend.random_normal", "keras.layers.Lambda(sampling)"]
# why = """A layer draws mean + std * noise from a SeedGenerator of its own and adds the KL term by add_loss, so compile
# and fit need only the reconstruction. Both are sums over their dimensions and means over the batch."""
# pitfalls = """keras.losses.BinaryCrossentropy is a mean over the pixels: times their number, or the KL is far too
# heavy and the codes collapse. keras.random outside of a layer is drawn once and then is a constant of the model."""
# when_not = "Sharp images: diffusion. Only a compact code: a plain autoencoder."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the noise is a constant"
# ///
"""A variational autoencoder on 8x8 digits: reparametrised codes, reconstruction plus KL, new images from noise."""

import keras
import numpy as np
from keras import KerasTensor, ops
from sklearn.datasets import load_digits


class DrawCode(keras.layers.Layer):
    """Mean and log variance (B, 2 * code) to a code (B, code); adds KL to N(0, 1), a mean over the batch."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, moments: KerasTensor) -> KerasTensor:
        mean, log_variance = ops.split(moments, 2, axis=-1)
        self.add_loss(ops.mean(kl_to_standard_normal(mean, log_variance)))
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise


def kl_to_standard_normal(mean: KerasTensor, log_variance: KerasTensor) -> KerasTensor:
    """KL(N(mean, variance) || N(0, 1)) of each row, summed over its codes: (B, code) to (B,)."""
    return 0.5 * ops.sum(ops.square(mean) + ops.exp(log_variance) - 1 - log_variance, axis=-1)


def pixels_lost(images: KerasTensor, logits: KerasTensor) -> KerasTensor:
    """Nats for each image: a sum over its pixels, (B, 64) to (B,)."""
    return ops.sum(ops.binary_crossentropy(images, logits, from_logits=True), axis=-1)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    mean, std = np.array([[0.7]]), np.array([[0.5]])
    z = np.linspace(-8, 8, 20_001)
    density = np.exp(-0.5 * ((z - mean[0]) / std[0]) ** 2) / std[0] / np.sqrt(2 * np.pi)
    ratio = -0.5 * ((z - mean[0]) / std[0]) ** 2 - np.log(std[0]) + 0.5 * z**2
    by_integral = (density * ratio).sum() * (z[1] - z[0])
    np.testing.assert_allclose(kl_to_standard_normal(mean, 2 * np.log(std)), [by_integral], rtol=1e-4)

    images = (load_digits().data / 16).astype("float32")  # (1797, 64)
    layers = keras.layers
    encoder = keras.Sequential([keras.Input((64,)), layers.Dense(128, activation="relu"), layers.Dense(16)])
    decoder = keras.Sequential([keras.Input((8,)), layers.Dense(128, activation="relu"), layers.Dense(64)])
    model = keras.Sequential([encoder, DrawCode(), decoder])
    model.compile(keras.optimizers.Adam(5e-3), pixels_lost, jit_compile=False)
    losses = model.fit(images, images, epochs=10, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0], losses

    first, second = np.asarray(model(images[:5])), np.asarray(model(images[:5]))
    assert np.abs(first - second).max() > 0.01  # a new code at each call
    codes = encoder(images)[:, :8]  # the means
    restored = np.asarray(ops.sigmoid(decoder(codes)))
    assert np.square(restored - images).mean() < 0.75 * images.var(axis=0).mean()  # codes say more than the mean image
    generated = np.asarray(ops.sigmoid(decoder(keras.random.normal((200, 8), seed=0))))  # (200, 64), new images
    nearest = [np.linalg.norm(images - image, axis=1).min() for image in generated]
    assert np.mean(nearest) < 0.7 * np.linalg.norm(images - images.mean(axis=0), axis=1).mean()
    print(f"loss {losses[0]:.1f} -> {losses[-1]:.1f} nats")
