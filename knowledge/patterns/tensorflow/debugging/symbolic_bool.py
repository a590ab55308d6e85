# /// pattern
# id = "tf.debugging.symbolic-bool"
# topic = "debugging.tracing"
# questions = [
#     "Using a symbolic tf.Tensor as a Python bool is not allowed",
#     "if statement on a tensor inside a keras layer",
#     "python if in call() of a custom layer",
#     "keras.ops.cond example",
#     "loop over a tensor inside a layer keras 3",
#     "iterating over a symbolic tf.Tensor is not allowed",
#     "symbolc tensor bool error keras",
# ]
# errors = ["Using a symbolic `tf.Tensor` as a Python `bool` is not allowed.",
#     "Iterating over a symbolic `tf.Tensor` is not allowed."]
# apis = ["keras.ops.where", "keras.ops.cond"]
# replaces = ["autograph in call()", "tf.cond in Keras layers"]
# why = """While fit traces the model, tensors have no values, so `if x > 0` has nothing to decide by; Keras 3 does not
# rewrite call() with autograph. ops.where chooses element by element, ops.cond one of two branches for the whole
# batch, and Python's if is right for what is known beforehand: settings, ranks, training."""
# pitfalls = """It works while you call the layer by hand, where tensors have values, and fails in fit. ops.where
# computes both sides: keep the one not taken finite. Loops: keras.ops.fori_loop, while_loop or scan."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises OperatorNotAllowedInGraphError: Using a symbolic `tf.Tensor` as a Python `bool`"
# ///
"""Decisions on values inside a layer, for each element and for the whole batch."""

import keras
import numpy as np
from keras import KerasTensor, ops


class SoftClip(keras.layers.Layer):
    """Elements beyond the limit grow only with their logarithm; a batch whose norm is too large is scaled down."""

    def __init__(self, *, limit: float = 1.0, max_norm: float = 100.0, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.limit, self.max_norm = limit, max_norm

    def call(self, x: KerasTensor) -> KerasTensor:
        if self.limit > 0:  # a setting: decided once, while tracing
            size = ops.maximum(ops.abs(x) / self.limit, 1.0)  # at least 1, so the logarithm is finite everywhere
            x = ops.where(ops.abs(x) > self.limit, ops.sign(x) * self.limit * (1 + ops.log(size)), x)
        norm = ops.sqrt(ops.sum(ops.square(x)))
        return ops.cond(norm > self.max_norm, lambda: x * (self.max_norm / norm), lambda: x)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.array([[0.5, -1.0, np.e, -np.e]], "float32")
    np.testing.assert_allclose(SoftClip()(x), [[0.5, -1.0, 2.0, -2.0]], rtol=1e-6)
    scaled = SoftClip(max_norm=1.0)(x)
    np.testing.assert_allclose(np.linalg.norm(scaled), 1.0, rtol=1e-6)

    x = np.random.default_rng(0).normal(scale=3, size=(128, 4)).astype("float32")
    y = x.clip(-1, 1).sum(axis=1, keepdims=True)
    model = keras.Sequential([keras.Input((4,)), SoftClip(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse", jit_compile=False)
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-4, atol=1e-5)  # traced as by hand
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}")
