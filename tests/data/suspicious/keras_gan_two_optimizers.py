"""Right: two networks have an optimiser each, and each step leaves the other network's weights alone."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SEED = 5
NOISE = 4


def network(inputs: int, outputs: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(32),
            layers.LeakyReLU(0.2),
            layers.Dense(32),
            layers.LeakyReLU(0.2),
            layers.Dense(outputs),
        ]
    )


def main() -> None:
    keras.utils.set_random_seed(SEED)
    angles = np.random.default_rng(SEED).uniform(0.0, 2.0 * np.pi, 2048)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype("float32")
    real_points = tf.data.Dataset.from_tensor_slices(circle).shuffle(2048, seed=SEED).batch(64, drop_remainder=True)

    generator, discriminator = network(NOISE, 2), network(2, 1)
    generator_optimizer = keras.optimizers.Adam(learning_rate=1e-3, beta_1=0.5)
    discriminator_optimizer = keras.optimizers.Adam(learning_rate=2e-3, beta_1=0.5)
    generator_optimizer.build(generator.trainable_variables)
    discriminator_optimizer.build(discriminator.trainable_variables)
    loss_function = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(real):
        noise = tf.random.normal((tf.shape(real)[0], NOISE))
        with tf.GradientTape() as tape:
            real_scores, fake_scores = discriminator(real), discriminator(generator(noise))
            loss = loss_function(tf.ones_like(real_scores), real_scores)
            loss += loss_function(tf.zeros_like(fake_scores), fake_scores)
        gradients = tape.gradient(loss, discriminator.trainable_variables)
        discriminator_optimizer.apply_gradients(zip(gradients, discriminator.trainable_variables, strict=True))
        with tf.GradientTape() as tape:
            fake_scores = discriminator(generator(noise))
            generator_loss = loss_function(tf.ones_like(fake_scores), fake_scores)
        gradients = tape.gradient(generator_loss, generator.trainable_variables)
        generator_optimizer.apply_gradients(zip(gradients, generator.trainable_variables, strict=True))
        return loss, generator_loss

    for epoch in range(12):
        losses = np.mean([[float(value) for value in step(real)] for real in real_points], axis=0)
        print(f"epoch {epoch + 1}: discriminator {losses[0]:.3f}, generator {losses[1]:.3f}")
    radius = np.linalg.norm(generator(tf.random.normal((500, NOISE))).numpy(), axis=1)
    print(f"radius of generated points {radius.mean():.2f} +- {radius.std():.2f}")


if __name__ == "__main__":
    main()
