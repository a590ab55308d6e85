# /// pattern
# id = "tf.model.sequential-functional"
# topic = "model.api"
# questions = [
#   "Sequential or Functional API keras",
#   "skip connection in a Sequential model",
#   "You must call compile() before using the model",
#   "Do not pass an input_shape argument to a layer",
#   "two inputs or branches with keras Sequential",
#   "Sequential model has never been built, no summary or weights",
#   "convert Sequential to functional keras",
#   "sequental vs functional model",
# ]
# errors = ["ValueError: You must call `compile()` before using the model.",
#   "UserWarning: Do not pass an `input_shape`/`input_dim` argument to a layer.",
#   "You tried to call `count_params` on layer 'sequential', but the layer isn't built."]
# apis = ["keras.Sequential", "keras.Input", "keras.Model", "keras.layers.Add"]
# replaces = ["Dense(units, input_shape=)", "Sequential([...]) with branches", "keras.layers.Merge",
#   "model.add(Merge())"]
# why = """Sequential calls one layer after the other, each on the one output before. Whatever has two paths, an input
# that is used again, two inputs or two outputs, is written as calls on tensors, from keras.Input to keras.Model. A
# Sequential that begins with keras.Input has weights and shapes at once; without it none until data come."""
# pitfalls = """A list is no branch: Sequential([a, [b, c]]) is refused. Calling a layer twice shares its weights. Every
# model is compiled before fit, loaded ones of a .keras file excepted."""
# when_not = "The path depends on values, or a loop runs over layers: subclass keras.Model."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Only instances of `keras.Layer` can be added to a Sequential model"
# ///
"""One chain is Sequential; a path around a layer is the functional API, into which a Sequential fits as a layer."""

import keras
import numpy as np
from keras import layers


def build_chain(width: int) -> keras.Sequential:
    """Features (B, width) to (B, width), one layer after the other."""
    return keras.Sequential([keras.Input(shape=(width,)), layers.Dense(16, activation="relu"), layers.Dense(width)])


def build_with_skip(width: int, classes: int) -> keras.Model:
    """Features (B, width) to logits (B, classes): the chain, and a path around it."""
    inputs = keras.Input(shape=(width,))
    x = layers.Add()([inputs, build_chain(width)(inputs)])  # (B, width)
    return keras.Model(inputs, layers.Dense(classes)(x))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    chain = build_chain(4)
    assert chain.count_params() == 4 * 16 + 16 + 16 * 4 + 4  # built: its input is known
    assert not keras.Sequential([layers.Dense(16)]).built  # without keras.Input only data tell

    model = build_with_skip(4, 3)
    x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")
    y = x[:, :3].argmax(axis=1)
    first, second = model.layers[1].layers
    added = x + np.maximum(x @ first.kernel + first.bias, 0) @ second.kernel + second.bias
    by_hand = added @ model.layers[-1].kernel + model.layers[-1].bias
    assert np.allclose(model(x), by_hand, atol=1e-4)

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"], jit_compile=False)
    history = model.fit(x, y, epochs=12, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    print(f"accuracy {history['accuracy'][-1]:.2f}")
