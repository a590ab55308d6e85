# /// pattern
# id = "tf.debugging.missing-gradients"
# topic = "debugging.autograd"
# twin = "pt.debugging.missing-gradients"
# questions = [
#     "GradientTape gradient returns None",
#     "No gradients provided for any variable",
#     "which variables get no gradient keras",
#     "tape.gradient None for a constant, tape.watch",
#     "gradient through numpy or argmax tensorflow",
#     "Gradients do not exist for variables when minimizing the loss",
#     "gradiant none tape tf",
# ]
# errors = ["ValueError: No gradients provided for any variable.",
#     "UserWarning: Gradients do not exist for variables ['kernel', 'bias'] when minimizing the loss.",
#     "AttributeError: 'NoneType' object has no attribute"]
# apis = ["tf.GradientTape", "tf.GradientTape.watch"]
# replaces = ["tf.gradients", "keras.backend.gradients", "optimizer.get_gradients"]
# why = """The tape records tf and keras operations on variables while it is open. None means no path: computed outside
# of it, through numpy, through an integer cast or argmax, from a constant that is not watched, or not used. Zeros: a
# dead ReLU."""
# pitfalls = """A None is handed on in silence by tape.gradient, and apply only warns when some variables are missing:
# look at the list once, before a long run. unconnected_gradients=tf.UnconnectedGradients.ZERO hides the None."""
# when_not = "Frozen variables, which have none on purpose."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: No gradients provided for any variable"
# ///
"""Which variables does a loss not reach?"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def unreached(model: keras.Model, compute_loss: Callable[[], tf.Tensor]) -> dict[str, str]:
    """Path -> "none" or "zero" for each trainable variable without a gradient from the loss."""
    with tf.GradientTape() as tape:
        loss = compute_loss()
    gradients = tape.gradient(loss, model.trainable_variables)
    found = {}
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        if gradient is None:
            found[variable.path] = "none"
        elif not np.any(tf.convert_to_tensor(gradient)):
            found[variable.path] = "zero"
    return found


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = keras.random.normal((16, 8), seed=0)
    first, second = (keras.layers.Dense(8, activation="relu", name=name) for name in ("first", "second"))
    model = keras.Sequential([keras.Input((8,)), first, second])

    def loss() -> tf.Tensor:
        return tf.reduce_mean(tf.square(second(first(x))))

    def loss_through_numpy() -> tf.Tensor:
        return tf.reduce_mean(tf.square(second(np.asarray(first(x)))))

    def loss_of_dead_units() -> tf.Tensor:
        return tf.reduce_mean(tf.square(second(first(x) - 1e6) * 0))

    assert unreached(model, loss) == {}
    names = [variable.path for variable in model.trainable_variables]
    assert unreached(model, loss_through_numpy) == dict.fromkeys(names[:2], "none")
    assert unreached(model, loss_of_dead_units) == dict.fromkeys(names, "zero")

    constant = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        unwatched = constant**2
        tape.watch(constant)  # variables are watched by themselves, constants are not
        watched = constant**2
    assert tape.gradient(unwatched, constant) is None and float(tape.gradient(watched, constant)) == 2 * 3.0
    print(unreached(model, loss_through_numpy))
