# /// pattern
# id = "tf.migration.optimizer-weights"
# topic = "migration.optimizers"
# questions = [
#   "optimizer has no attribute get_weights",
#   "save and restore optimizer state keras 3",
#   "optimizer.set_weights replacement",
#   "copy adam moments to another model keras",
#   "'Adam' object has no attribute 'weights'",
#   "optimiser get_wieghts keras",
# ]
# errors = [
#   "AttributeError: 'Adam' object has no attribute 'get_weights'",
#   "AttributeError: 'SGD' object has no attribute 'get_weights'",
# ]
# apis = ["keras.optimizers.Optimizer.variables", "keras.optimizers.Optimizer.build"]
# replaces = ["optimizer.get_weights", "optimizer.set_weights", "optimizer.weights"]
# why = """An optimizer's state is its list of variables: step count, learning rate, moments. They exist once it is
# built, and are copied one by one; with them, the next step is the very same."""
# pitfalls = "A fresh optimizer has only its counter and rate: call build(model.trainable_variables) before restoring."
# when_not = "Saving a whole run: model.save(\"m.keras\") holds the optimizer."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: 'Adam' object has no attribute 'get_weights'"
# ///
"""Take the state out of a Keras optimizer, and put it into another."""

import keras
import numpy as np


def get_state(optimizer: keras.optimizers.Optimizer) -> list[np.ndarray]:
    """Copies of counter, learning rate and moments."""
    return [variable.numpy().copy() for variable in optimizer.variables]


def set_state(optimizer: keras.optimizers.Optimizer, state: list[np.ndarray], model: keras.Model) -> None:
    """Restore what get_state gave, for a model of the same shape."""
    optimizer.build(model.trainable_variables)
    for variable, value in zip(optimizer.variables, state, strict=True):
        variable.assign(value)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    y = x.sum(axis=1, keepdims=True)

    def build() -> keras.Model:
        model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=False)
        return model

    first, second, fresh = build(), build(), build()
    first.fit(x, y, epochs=5, shuffle=False, verbose=0)
    for copy in (second, fresh):
        copy.set_weights(first.get_weights())
    set_state(second.optimizer, get_state(first.optimizer), second)
    for model in (first, second, fresh):
        model.fit(x, y, epochs=1, shuffle=False, verbose=0)
    gap = [np.abs(first.layers[0].kernel.numpy() - other.layers[0].kernel.numpy()).max() for other in (second, fresh)]
    print(f"weights after one more epoch differ by {gap[0]:.1e} with the state, by {gap[1]:.1e} without")
    assert gap[0] < 1e-6 and gap[1] > 1e-3
    assert int(second.optimizer.iterations) == int(first.optimizer.iterations) == 12
