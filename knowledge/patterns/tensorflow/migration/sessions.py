# /// pattern
# id = "tf.migration.sessions"
# topic = "migration.graphs"
# questions = [
#   "module 'tensorflow' has no attribute 'Session'",
#   "tf.placeholder in tensorflow 2",
#   "run tensorflow 1 code in tensorflow 2",
#   "sess.run feed_dict replacement",
#   "tf.global_variables_initializer not found",
#   "tensorflow has no atribute placeholder",
# ]
# errors = [
#   "AttributeError: module 'tensorflow' has no attribute 'Session'",
#   "AttributeError: module 'tensorflow' has no attribute 'placeholder'",
#   "AttributeError: module 'tensorflow' has no attribute 'log'",
#   "RuntimeError: tf.placeholder() is not compatible with eager execution.",
#   "NotImplementedError: eval is not supported when eager execution is enabled, is .numpy() what you're looking for?",
# ]
# apis = ["tensorflow.function", "tensorflow.Variable", "tensorflow.math.log"]
# replaces = [
#   "tf.Session",
#   "tf.placeholder",
#   "tf.global_variables_initializer",
#   "tf.enable_eager_execution",
#   "tf.log",
#   "tf.random_uniform",
#   "feed_dict",
#   "tensor.eval()",
# ]
# why = """Operations run at once. What was a graph with placeholders is a function of its arguments under tf.function;
# what was sess.run(x) is x.numpy(); variables are initialised where they are made."""
# pitfalls = """tf.compat.v1.disable_eager_execution() brings the old world back, and takes Keras 3 away. Print in a
# tf.function runs only while it is traced."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: module 'tensorflow' has no attribute 'placeholder'"
# ///
"""A TensorFlow 1 program, as TensorFlow 2 writes it: no session, no placeholder, no initializer."""

import numpy as np
import tensorflow as tf

weight = tf.Variable([[0.0], [0.0]])  # (2, 1), initialised here


@tf.function
def train_step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """One step of gradient descent on (B, 2) and (B, 1), which were placeholders; the loss, a scalar."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ weight - y))
    weight.assign_sub(0.1 * tape.gradient(loss, weight))
    return loss


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
    y = x @ np.array([[2.0], [-1.0]], "float32")
    by_hand = np.zeros((2, 1), "float32")
    for _ in range(3):  # three steps as NumPy takes them
        by_hand -= 0.1 * 2 * x.T @ (x @ by_hand - y) / 32
        train_step(x, y)  # sess.run(train_op, feed_dict={...})
    np.testing.assert_allclose(weight.numpy(), by_hand, rtol=1e-4)  # weight.eval()

    for _ in range(200):
        loss = train_step(x, y)
    np.testing.assert_allclose(weight.numpy(), [[2.0], [-1.0]], atol=1e-3)
    assert abs(float(tf.math.log(tf.constant(np.e, tf.float32))) - 1) < 1e-6  # tf.log
    print(f"loss {float(loss):.1e}, weight {weight.numpy().ravel().round(3).tolist()}")
