# /// pattern
# id = "tf.generation.wgan-gp"
# topic = "generation.gan"
# twin = "pt.generation.wgan-gp"
# questions = [
#     "WGAN gradient penalty in keras",
#     "nested GradientTape for a gradient penalty",
#     "second derivative with tf.GradientTape",
#     "wasserstein gan critic loss tensorflow",
#     "gradient penalty has no effect keras",
#     "gradient of a gradient is None tensorflow",
#     "wgan-gp gradiant penalty keras",
# ]
# apis = ["tf.GradientTape", "tf.GradientTape.watch", "keras.ops.norm"]
# replaces = ["tf.gradients", "keras.backend.gradients", "weight clipping of WGAN"]
# why = """The critic's slope is held at 1 between real and generated points: (norm of its input gradient - 1)^2 (arXiv
# 1704.00028). An inner tape takes that gradient, and the outer tape of the step is still recording while it does, so
# the penalty has a gradient itself."""
# pitfalls = """Watch the points: they are no variables. One gradient for each sample, norm over all but the batch
# dimension. Batch normalisation in the critic mixes samples. The penalty is soft: the gap comes out too large by
# distance^2 / (2 * weight)."""
# when_not = "A plain GAN with spectral normalisation is cheaper: no second derivative."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: nothing can be learnt from the penalty"
# ///
"""The gradient penalty of WGAN-GP, and a critic that measures the distance of two sets of points."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def gradient_penalty(critic: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Mean of (norm of the critic's slope - 1)^2 at random points between real and fake (N, D)."""
    share = tf.random.uniform((len(real), 1))
    between = fake + share * (real - fake)
    with tf.GradientTape() as tape:
        tape.watch(between)
        scores = critic(between)
    slopes = tape.gradient(scores, between)  # (N, D)
    return ops.mean(ops.square(ops.norm(slopes, axis=1) - 1))


def critic_gradients(critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, *, weight: float = 10.0) -> list[tf.Tensor]:
    """Of the loss that is to fall: generated points low, real ones high, slope 1."""
    with tf.GradientTape() as tape:
        gap = ops.mean(critic(real)) - ops.mean(critic(fake))
        loss = -gap + weight * gradient_penalty(critic, real, fake)
    return tape.gradient(loss, critic.trainable_variables)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    linear = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    points = tf.random.normal((8, 3))
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(linear, points, points + 1)
    kernel = linear.get_weights()[0]
    length = np.linalg.norm(kernel)  # the slope of a linear critic is its weight, everywhere
    np.testing.assert_allclose(penalty, (length - 1) ** 2, rtol=1e-4)
    gradient = tape.gradient(penalty, linear.layers[0].kernel.value)
    np.testing.assert_allclose(gradient, 2 * (length - 1) * kernel / length, rtol=1e-3, atol=1e-5)

    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(64, "leaky_relu"), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(3e-3, beta_1=0.5, beta_2=0.9)
    optimizer.build(critic.trainable_variables)
    fake = tf.random.normal((512, 2))
    real = tf.random.normal((512, 2)) + tf.constant([3.0, 4.0])  # the same cloud, moved by 5

    @tf.function
    def step() -> None:
        rows = tf.random.uniform((2, 128), maxval=512, dtype=tf.int32)
        gradients = critic_gradients(critic, tf.gather(real, rows[0]), tf.gather(fake, rows[1]))
        optimizer.apply(gradients, critic.trainable_variables)

    for _ in range(300):
        step()
    gap = float(ops.mean(critic(real)) - ops.mean(critic(fake)))
    steepness = float(gradient_penalty(critic, real, fake))
    slope = 1 + 5 / (2 * 10)  # where 5 * slope - 10 * (slope - 1)^2 is highest
    print(f"gap {gap:.2f}, by theory {5 * slope}; penalty {steepness:.3f}, by theory {(slope - 1) ** 2:.3f}")
    assert abs(gap - 5 * slope) < 0.8 and abs(steepness - (slope - 1) ** 2) < 0.05
