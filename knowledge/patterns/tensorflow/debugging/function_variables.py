# /// pattern
# id = "tf.debugging.function-variables"
# topic = "debugging.tracing"
# questions = [
#     "tf.function only supports singleton tf.Variables created on the first call",
#     "create a layer inside call or a tf.function",
#     "optimizer used for a second model fails in tf.function",
#     "tf.function-decorated function tried to create variables on non-first call",
#     "where to create variables, __init__ or build",
#     "one train step function for several models tensorflow",
#     "singelton variable error tf function",
# ]
# errors = ["ValueError: tf.function only supports singleton tf.Variables created on the first call.",
#     "ValueError: tf.function-decorated function tried to create variables on non-first call.",
#     "KeyError: The optimizer cannot recognize variable"]
# apis = ["tf.function", "keras.Layer.build", "keras.Layer.add_weight", "keras.Optimizer.build"]
# replaces = ["tf.get_variable", "tf.variable_scope"]
# why = """A traced function is a graph that is run many times; a variable made inside would be a new one each time.
# Variables are made once, outside or in build, and the function only uses them. A step made by a function of (model,
# optimizer) gives each pair a trace of its own."""
# pitfalls = """An optimizer makes its slots for the first model it sees; give each model its own. A layer made in
# call() also trains nothing: its weights are new each time."""
# when_not = "Code that runs once: leave it eager, then variables may be made anywhere."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: tf.function only supports singleton tf.Variables created on the first call"
# ///
"""Variables are made in build, and each model gets a training step of its own."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


class Scale(keras.layers.Layer):
    """(N, D) to (N, D): a factor for each feature; the weight is made when D is known."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, x: KerasTensor) -> KerasTensor:
        return x * self.scale


def make_train_step(model: keras.Model, optimizer: keras.Optimizer) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """A compiled step for this model and this optimizer; x (N, D) and y (N, D) to the loss."""
    optimizer.build(model.trainable_variables)  # its variables too are made before tracing

    @tf.function
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(model(x, training=True) - y))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return step


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    y = tf.constant(x * np.array([2.0, -1.0, 0.5], "float32"))
    x = tf.constant(x)

    for rate in (0.05, 0.1):  # two models, two optimizers, two traces
        model = keras.Sequential([keras.Input((3,)), Scale()])
        step = make_train_step(model, keras.optimizers.Adam(rate))
        for _ in range(150):
            loss = step(x, y)
        assert step.experimental_get_tracing_count() == 1
        np.testing.assert_allclose(model.layers[0].scale, [2.0, -1.0, 0.5], atol=0.02)
        print(f"learning rate {rate}: loss {float(loss):.2g}")
