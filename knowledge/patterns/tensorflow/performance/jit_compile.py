# /// pattern
# id = "tf.performance.jit-compile"
# topic = "performance.xla"
# questions = [
#   "jit_compile=True keras when",
#   "XLA compile error in keras fit",
#   "Detected unsupported operations when trying to compile graph",
#   "turn off xla keras jit_compile=False",
#   "tf.print or py_function with jit_compile",
#   "first epoch is very slow keras 3",
#   "No registered OpKernel for XLA_CPU_JIT",
#   "jit compile xla unsuported op",
# ]
# errors = [
#   "InvalidArgumentError: Detected unsupported operations when trying to compile graph",
#   "No registered 'StringFormat' OpKernel for XLA_CPU_JIT devices",
#   "No registered 'EagerPyFunc' OpKernel for XLA_CPU_JIT devices",
# ]
# apis = ["keras.Model.compile", "tf.function", "keras.ops.max"]
# replaces = ["tf.function(experimental_compile=True)", "tf.config.optimizer.set_jit",
#   "TF_XLA_FLAGS=--tf_xla_auto_jit=2"]
# why = """XLA makes machine code for the whole step, so all of it must be arithmetic on tensors: tf.print, strings and
# Python functions (py_function, numpy_function) are refused. Keras 3 compiles by default where the model says that it
# can (jit_compile="auto"), and a print in a loss then stops fit. What is to be seen is returned: as a metric, or as a
# second result."""
# pitfalls = """Every new batch shape compiles anew: drop the last, smaller batch. For a small model or a short run the
# compilation costs more than it saves: jit_compile=False."""
# when_not = "Short runs on a CPU, layers with strings or Python functions: jit_compile=False."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgumentError: Detected unsupported operations when trying to compile graph"
# ///
"""A training step that XLA can compile: what is to be seen goes out as a metric, not through a print."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def largest_error(y: keras.KerasTensor, prediction: keras.KerasTensor) -> keras.KerasTensor:
    """(B, 1) and (B, 1) to the largest absolute error of the batch, as (1,)."""
    return ops.reshape(ops.max(ops.abs(y - prediction)), (1,))


@tf.function(jit_compile=True)
def descend(weight: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """One step of least squares by hand: weight (D, 1), x (B, D), y (B, 1) to the next weight and the loss."""
    residual = x @ weight - y
    gradient = 2 * tf.transpose(x) @ residual / tf.cast(tf.shape(x)[0], tf.float32)
    return weight - 0.1 * gradient, tf.reduce_mean(residual**2)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5]], dtype="float32")

    weight, by_hand = tf.zeros((3, 1)), np.zeros((3, 1))
    for _ in range(5):
        weight, loss = descend(weight, x, y)
        assert np.isclose(loss, np.mean((x @ by_hand - y) ** 2), rtol=1e-4)
        by_hand = by_hand - 0.1 * 2 * x.T @ (x @ by_hand - y) / 64
        assert np.allclose(weight, by_hand, atol=1e-5)
    descend(weight, x[:32], y[:32])
    assert descend.experimental_get_tracing_count() == 2  # another batch size is traced and compiled anew

    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", metrics=[largest_error], jit_compile=True)
    losses = model.fit(x, y, batch_size=32, epochs=5, verbose=0).history["loss"]
    seen = model.evaluate(x, y, batch_size=64, verbose=0)[1]
    assert losses[-1] < 0.2 * losses[0] and np.isclose(seen, np.abs(model(x) - y).max(), rtol=1e-3)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}, largest error {seen:.3f}")
