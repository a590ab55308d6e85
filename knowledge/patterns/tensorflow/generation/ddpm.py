# /// pattern
# id = "tf.generation.ddpm"
# topic = "generation.diffusion"
# twin = "pt.generation.ddpm"
# questions = [
#     "diffusion model from scratch in keras",
#     "DDPM training and sampling tensorflow",
#     "denoising diffusion with model.fit",
#     "random time step and noise for each batch keras",
#     "diffusion samples are noise or far away from the data keras",
#     "beta schedule alpha bar keras diffusion",
#     "denoising difusion model keras",
# ]
# apis = ["tf.data.Dataset.map", "keras.layers.Embedding", "keras.Model.predict_on_batch"]
# replaces = ["keras_cv.models.StableDiffusion", "diffusers"]
# why = """Data at step t is sqrt(abar) * x + sqrt(1 - abar) * noise, in one jump (arXiv 2006.11239). A map in the
# pipeline draws t and noise anew for each batch, so the network is a plain regression of the noise, by compile and fit.
# Sampling takes the noise off step by step, adding fresh noise but for the last step."""
# pitfalls = """abar must be near 0 at the last step, since sampling begins at pure noise. Noise drawn once for the
# whole array, before fit, is learnt by heart."""
# when_not = "Few samples at high speed: a GAN, or distil the diffusion into few steps."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the noise is the same in every epoch"
# ///
"""Denoising diffusion (DDPM) on points in the plane, trained by fit on a pipeline that adds the noise."""

import keras
import numpy as np
import tensorflow as tf

STEPS = 40
BETAS = np.linspace(1e-3, 0.2, STEPS, dtype="float32")
ALPHA_BAR = np.cumprod(1 - BETAS)  # the share of the data's variance that is left


def noisy_batches(data: np.ndarray, *, batch: int, seed: int) -> tf.data.Dataset:
    """Batches of ((noisy points (batch, 2), steps (batch,)), noise (batch, 2)), drawn anew in every epoch."""
    generator = tf.random.Generator.from_seed(seed)

    def add_noise(x: tf.Tensor) -> tuple[tuple[tf.Tensor, tf.Tensor], tf.Tensor]:
        t = generator.uniform((batch,), maxval=STEPS, dtype=tf.int32)
        noise = generator.normal((batch, 2))
        kept = tf.gather(ALPHA_BAR, t)[:, None]  # (batch, 1)
        return (tf.sqrt(kept) * x + tf.sqrt(1 - kept) * noise, t), noise

    return tf.data.Dataset.from_tensor_slices(data).shuffle(len(data), seed=seed).batch(batch, True).map(add_noise)


def build_predictor(*, width: int = 64) -> keras.Model:
    """Noisy points (B, 2) and steps (B,) to the noise in them (B, 2)."""
    x, t = keras.Input((2,)), keras.Input((), dtype="int32")
    hidden = keras.layers.Dense(width)(x) + keras.layers.Embedding(STEPS, width)(t)
    hidden = keras.layers.Activation("silu")(hidden)
    hidden = keras.layers.Dense(width, activation="silu")(hidden)
    return keras.Model((x, t), keras.layers.Dense(2)(hidden))


def sample(model: keras.Model, count: int, rng: np.random.Generator) -> np.ndarray:
    """New points (count, 2), from noise."""
    x = rng.normal(size=(count, 2)).astype("float32")
    for t in reversed(range(STEPS)):
        predicted = model.predict_on_batch((x, np.full(count, t)))
        x = (x - BETAS[t] / np.sqrt(1 - ALPHA_BAR[t]) * predicted) / np.sqrt(1 - BETAS[t])
        if t > 0:  # none after the last step
            x = x + np.sqrt(BETAS[t]) * rng.normal(size=x.shape).astype("float32")
    return x


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    assert ALPHA_BAR[-1] < 0.02  # nothing of the data is left at the end

    centres = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    data = (centres[rng.integers(4, size=6400)] + 0.1 * rng.normal(size=(6400, 2))).astype("float32")  # four clouds
    batches = noisy_batches(data, batch=256, seed=0)
    (first, steps), noise = next(iter(batches))
    kept = ALPHA_BAR[steps.numpy()][:, None]
    clean = (first.numpy() - np.sqrt(1 - kept) * noise.numpy()) / np.sqrt(kept)
    assert np.abs(clean[:, None] - data[None]).max(axis=2).min(axis=1).max() < 1e-3  # the noise taken off: the data
    assert not np.array_equal(noise, next(iter(batches))[1])  # a new epoch, new noise

    model = build_predictor()
    model.compile(keras.optimizers.Adam(5e-3), "mse", jit_compile=False)
    losses = model.fit(batches, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]

    made = sample(model, 1000, rng)
    distances = np.linalg.norm(made[:, None] - centres, axis=2)  # (1000, 4)
    near, share = (distances.min(axis=1) < 0.4).mean(), np.bincount(distances.argmin(axis=1), minlength=4) / 1000
    print(f"within 0.4 of a cloud: {near:.0%}, shares {share}")
    assert near > 0.8 and share.min() > 0.1
