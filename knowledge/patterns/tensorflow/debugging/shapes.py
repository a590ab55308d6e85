# /// pattern
# id = "tf.debugging.shapes"
# topic = "debugging.shapes"
# twin = "pt.debugging.shapes"
# questions = [
#     "print the output shape of every layer keras",
#     "Input 0 of layer is incompatible with the layer",
#     "find the layer with the wrong shape keras",
#     "expected min_ndim=4, found ndim=3",
#     "expected axis -1 of input shape to have value",
#     "model.summary shapes None batch dimension",
#     "shpae mismatch keras layers",
# ]
# errors = ["""""ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input \
# shape to have value 4, but received input with shape (2, 5)""""",
#     """""ValueError: Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found ndim=3. \
#     Full shape received: (2, 28, 28)"""""]
# apis = ["keras.KerasTensor"]
# replaces = ["input_shape=", "keras.backend.int_shape"]
# why = """A KerasTensor is a shape without numbers: called on one, each layer says what would come out, so a stack of
# layers can be walked before anything is built or run, and the walk names the layer before the mistake."""
# pitfalls = """Grey images lack a channel: (N, 28, 28) becomes (N, 28, 28, 1). A single sample lacks the batch:
# x[None]. None stands for a size that is not known yet. A layer of one's own tells its shape by
# compute_output_shape."""
# when_not = "A functional model that builds: model.summary() and layer.output.shape say the same."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: is incompatible with the layer: expected min_ndim=4, found ndim=3"
# ///
"""The shape after every layer, also of a stack that fails on the way."""

from collections.abc import Sequence

import keras
import numpy as np


def shapes(layers: Sequence[keras.Layer], input_shape: tuple[int | None, ...]) -> tuple[list[str], str]:
    """One line "name -> shape" for each layer that was reached, and the error that ended it, or "".

    Copies of the layers are called on a shape without numbers: nothing is computed, the layers stay unbuilt.
    """
    x, lines = keras.KerasTensor(input_shape), []
    for layer in layers:
        try:
            x = type(layer).from_config(layer.get_config())(x)
        except ValueError as error:
            return lines, str(error)
        lines.append(f"{layer.name} -> {x.shape}")
    return lines, ""


if __name__ == "__main__":
    layers = [
        keras.layers.Conv2D(8, 5, name="conv"),
        keras.layers.MaxPooling2D(name="pool"),
        keras.layers.Flatten(name="flatten"),
        keras.layers.Dense(10, name="head"),
    ]
    lines, error = shapes(layers, (None, 28, 28))  # grey images without a channel
    assert lines == [] and "expected min_ndim=4, found ndim=3" in error

    lines, error = shapes(layers, (None, 28, 28, 1))
    assert error == "" and lines[2] == f"flatten -> {(None, 8 * 12 * 12)}"
    assert not layers[0].built

    lines, error = shapes([*layers, keras.layers.Conv1D(4, 3, name="late")], (None, 28, 28, 1))
    assert lines[-1] == f"head -> {(None, 10)}" and "expected min_ndim=3, found ndim=2" in error

    model = keras.Sequential(layers)
    images = np.zeros((2, 28, 28), "float32")
    assert model(images[..., None]).shape == (2, 10)
    try:
        model.layers[-1](np.zeros((2, 5)))
    except ValueError as late:
        assert "expected axis -1 of input shape to have value 1152, but received input with shape (2, 5)" in str(late)
    else:
        raise AssertionError("another width was accepted")
    print("\n".join(lines))
