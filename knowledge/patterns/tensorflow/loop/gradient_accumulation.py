# /// pattern
# id = "tf.loop.gradient-accumulation"
# topic = "train.loop"
# twin = "pt.loop.gradient-accumulation"
# questions = [
#     "gradient accumulation keras",
#     "large batch does not fit in memory tensorflow",
#     "gradient_accumulation_steps",
#     "simulate a larger batch size keras 3",
#     "gradient acumulation tf",
# ]
# errors = ["ResourceExhaustedError: OOM when allocating tensor"]
# apis = ["keras.optimizers.Adam"]
# replaces = ["custom train_step for gradient accumulation"]
# why = """Keras 3 optimizers accumulate by themselves: the gradients of gradient_accumulation_steps batches are
# averaged, then one step is made, the same step as with one batch of all those samples."""
# pitfalls = """A schedule's steps count updates, which are fewer than batches. Batch normalisation still sees the small
# batches."""
# when_not = "The large batch fits into memory: it is faster in one piece, and BatchNormalization sees all of it."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Gradient accumulation: four batches of 8 make the step of one batch of 32."""

import keras
import numpy as np


def build_accumulating_optimizer(learning_rate: float, *, accumulation_steps: int) -> keras.optimizers.Optimizer:
    """Adam that updates once every accumulation_steps batches with the mean of their gradients."""
    return keras.optimizers.Adam(learning_rate, gradient_accumulation_steps=accumulation_steps)


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")

    def train(optimizer: keras.optimizers.Optimizer, *, batch_size: int) -> list[np.ndarray]:
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
        model.compile(optimizer=optimizer, loss="mse", jit_compile=False)
        model.fit(x, x[:, :1], batch_size=batch_size, epochs=3, shuffle=False, verbose=0)
        return [np.asarray(weight.value) for weight in model.weights]

    accumulated = train(build_accumulating_optimizer(0.01, accumulation_steps=4), batch_size=8)
    whole = train(keras.optimizers.Adam(0.01), batch_size=32)
    difference = max(np.abs(a - b).max() for a, b in zip(accumulated, whole, strict=True))
    print(f"largest difference of a weight: {difference:.1e}")
    assert difference < 1e-4
