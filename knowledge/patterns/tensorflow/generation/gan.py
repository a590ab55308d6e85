# /// pattern
# id = "tf.generation.gan"
# topic = "generation.gan"
# twin = "pt.generation.gan"
# questions = [
#     "GAN in keras 3 with a custom train_step",
#     "generator and discriminator with two optimizers keras",
#     "DCGAN training loop tensorflow GradientTape",
#     "No gradients provided for any variable generator",
#     "compile with two optimizers keras",
#     "gan discriminator trainable False compile",
#     "generative adversarial netwrok keras",
# ]
# errors = ["ValueError: No gradients provided for any variable."]
# apis = ["keras.Model.train_step", "tf.GradientTape", "keras.losses.BinaryCrossentropy", "keras.Optimizer.apply"]
# replaces = ["discriminator.trainable = False", "train_on_batch of a stacked gan model"]
# why = """One train_step holds both turns: the discriminator learns on fakes that were made outside of its tape, the
# generator inside of its own, through the new discriminator. Each optimizer is given the variables of one network."""
# pitfalls = """Made outside of the tape, fakes give the generator no gradient. Losses do not fall when all is well;
# look at samples. beta_1=0.5 is what GANs are mostly trained with."""
# when_not = "Nothing forces the adversary: a VAE or diffusion trains without a balance to keep."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: No gradients provided for any variable"
# ///
"""A GAN on points of a circle: a model whose train_step alternates between its two networks."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def network(in_dim: int, out_dim: int) -> keras.Sequential:
    """Two hidden layers, (B, in_dim) to (B, out_dim)."""
    layers = keras.layers
    hidden = [layer for _ in range(2) for layer in (layers.Dense(64), layers.LeakyReLU(negative_slope=0.2))]
    return keras.Sequential([keras.Input((in_dim,)), *hidden, layers.Dense(out_dim)])


class GAN(keras.Model):
    """fit(real points) alone; compile(generator_optimizer, discriminator_optimizer)."""

    def __init__(self, *, noise_dim: int = 4) -> None:
        super().__init__()
        self.noise_dim = noise_dim
        self.generator, self.discriminator = network(noise_dim, 2), network(2, 1)
        self.seed_generator = keras.random.SeedGenerator(0)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    def compile(self, g_optimizer: keras.Optimizer, d_optimizer: keras.Optimizer) -> None:
        super().compile(jit_compile=False)
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer
        g_optimizer.build(self.generator.trainable_variables)
        d_optimizer.build(self.discriminator.trainable_variables)

    def draw(self, count: int) -> KerasTensor:
        """Generated points (count, 2)."""
        return self.generator(keras.random.normal((count, self.noise_dim), seed=self.seed_generator))

    def train_step(self, real: KerasTensor) -> dict[str, KerasTensor]:
        count = ops.shape(real)[0]
        fake = self.draw(count)  # outside of the tape: the generator takes no part in this turn
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(ops.ones((count, 1)), self.discriminator(real))
            d_loss += self.loss_fn(ops.zeros((count, 1)), self.discriminator(fake))
        variables = self.discriminator.trainable_variables
        self.d_optimizer.apply(tape.gradient(d_loss, variables), variables)

        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(ops.ones((count, 1)), self.discriminator(self.draw(count)))
        variables = self.generator.trainable_variables
        self.g_optimizer.apply(tape.gradient(g_loss, variables), variables)
        return {"d_loss": d_loss, "g_loss": g_loss}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * rng.random(128 * 60)
    real = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.05 * rng.normal(size=(len(angle), 2))  # a circle

    model = GAN()
    model.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5))
    model.fit(tf.data.Dataset.from_tensor_slices(real.astype("float32")).batch(128), epochs=25, verbose=0)

    made = np.asarray(model.draw(2000))
    radius = np.linalg.norm(made, axis=1)
    share = np.histogram(np.arctan2(made[:, 1], made[:, 0]), bins=8, range=(-np.pi, np.pi))[0] / 2000
    print(
        f"radius {radius.mean():.2f} +- {radius.std():.2f}, share of each eighth {share.min():.2f} to {share.max():.2f}"
    )
    assert abs(radius.mean() - 2) < 0.25 and radius.std() < 0.4
    assert share.min() > 0.02  # all of the circle, no collapse to one place
