# /// pattern
# id = "tf.seed.seed"
# topic = "train.reproducibility"
# role = "seed"
# provides = "seed"
# entry = "seed_everything"
# twin = "pt.seed.seed"
# questions = [
#     "set random seed keras",
#     "reproducible training tensorflow",
#     "keras results differ between runs",
#     "tf.random.set_seed is not enough",
#     "enable_op_determinism",
#     "sed everything keras",
# ]
# errors = ["tensorflow.python.framework.errors_impl.UnimplementedError: Determinism is not yet supported"]
# apis = ["keras.utils.set_random_seed"]
# replaces = ["tf.random.set_seed", "tf.set_random_seed", "numpy.random.seed"]
# why = """Keras 3 draws the seeds of its initializers and dropout from Python's random module: tf.random.set_seed alone
# leaves the initial weights different in every run. keras.utils.set_random_seed sets Python, NumPy and TensorFlow."""
# pitfalls = """Bit for bit on a GPU needs tf.config.experimental.enable_op_determinism() as well, which is slower and
# refuses some operations."""
# when_not = "Speed matters more than the last bit: determinism of operations stays off, seeds stay on."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the initial weights differ"
# ///
"""One seed for Python, NumPy and TensorFlow."""

import keras
import numpy as np


def seed_everything(seed: int) -> None:
    """Seed every generator that Keras draws from; call it before the model is built."""
    keras.utils.set_random_seed(seed)


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")

    def train(seed: int) -> np.ndarray:
        seed_everything(seed)
        layers = [keras.layers.Dense(16, activation="relu"), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input(shape=(4,)), *layers])
        model.compile(optimizer="adam", loss="mse", jit_compile=False)
        model.fit(x, x[:, :1], epochs=2, verbose=0)
        return np.asarray(model.layers[0].kernel.value)

    first, second, other = train(1), train(1), train(2)
    print("same seed:", np.abs(first - second).max(), "other seed:", np.abs(first - other).max())
    assert np.array_equal(first, second) and not np.allclose(first, other)
