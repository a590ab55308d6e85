# /// pattern
# id = "tf.tensors.random-generator"
# topic = "tensors.random"
# twin = "pt.tensors.random-generator"
# questions = [
#     "keras SeedGenerator how to use",
#     "keras.random.normal returns the same numbers every call",
#     "random numbers in a custom keras layer",
#     "tf.random.Generator or tf.random.stateless_normal",
#     "reproducible noise without touching the global seed tensorflow",
#     "my dropout mask is always the same in a custom layer",
#     "random genrator seed keras 3",
# ]
# apis = ["keras.random.SeedGenerator", "keras.random.normal"]
# replaces = ["tf.random.stateless_normal", "keras.backend.random_normal", "tf.random_normal"]
# why = """keras.random with an int as seed is a pure function: the same numbers at each call. A SeedGenerator holds a
# state that moves on at each call, is tracked by the layer that owns it, and starts alike for the same seed."""
# pitfalls = "A SeedGenerator made inside call() starts anew each time; make it in __init__."
# when_not = "One fixed draw, such as a projection or a split: an int as seed is right."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the noise is the same"
# ///
"""A layer with a random stream of its own."""

import keras
import numpy as np
from keras import KerasTensor


class AddNoise(keras.layers.Layer):
    """Adds normal noise while training, and nothing otherwise."""

    def __init__(self, std: float, *, seed: int | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.std = std
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: KerasTensor, training: bool = False) -> KerasTensor:
        if not training:
            return inputs
        return inputs + self.std * keras.random.normal(keras.ops.shape(inputs), seed=self.seed_generator)


if __name__ == "__main__":
    x = np.zeros((4, 1000), "float32")
    noise, again = AddNoise(0.1, seed=1), AddNoise(0.1, seed=1)
    first, second = np.asarray(noise(x, training=True)), np.asarray(noise(x, training=True))
    assert not np.array_equal(first, second)
    assert abs(first.std() - 0.1) < 0.01 and not np.any(noise(x))
    np.testing.assert_array_equal(again(x, training=True), first)  # the same seed, the same series
    np.testing.assert_array_equal(again(x, training=True), second)

    fixed = [np.asarray(keras.random.normal((3,), seed=1)) for _ in range(2)]
    np.testing.assert_array_equal(*fixed)  # an int gives the same numbers each time

    model = keras.Sequential([keras.Input((1000,)), AddNoise(0.1, seed=1)])
    assert len(model.layers[0].non_trainable_variables) == 1  # the state of the stream
    print(first[0, :3])
