# /// pattern
# id = "tf.testing.count-flops"
# topic = "testing.cost"
# twin = "pt.testing.count-flops"
# questions = [
#     "count parameters of a keras model",
#     "number of trainable parameters tensorflow",
#     "count flops of a keras model",
#     "count_params before the model is built",
#     "trainable and non-trainable params in model.summary",
#     "model size in megabytes keras",
#     "how many paramaters does my keras network have",
#     "flops from the graph of a tf.function",
# ]
# errors = ["""ValueError: You tried to call `count_params` on layer 'dense', but the layer isn't built."""]
# apis = ["keras.Model.count_params", "keras.Model.trainable_variables"]
# replaces = ["keras_flops.get_flops", "tf.profiler.experimental", "tf.RunMetadata", "keras.backend.count_params"]
# why = """count_params counts all variables, those too that no optimizer touches, such as the moving statistics of
# batch normalisation. The operations follow from the layers: each weight of a convolution is used at every place of its
# output, each of a dense layer once for every row that goes through."""
# pitfalls = """A multiplication and its addition are two FLOPs and one MAC: say which. Norms, activations and pooling
# are left out; they are few, and yet cost time."""
# when_not = "The question is how long it takes: measure time, after the first call."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: You tried to call `count_params` on layer"
# ///
"""Parameters, bytes and floating-point operations of a Keras model."""

import math

import keras
import numpy as np
from keras import layers


def count_parameters(model: keras.Model) -> dict[str, int]:
    """Numbers of values that are trained and that are not, and the bytes of all of them."""

    def count(variables: list[keras.Variable]) -> int:
        return sum(math.prod(variable.shape) for variable in variables)

    sizes = [math.prod(weight.shape) * np.dtype(weight.dtype).itemsize for weight in model.weights]
    return {
        "trainable": count(model.trainable_variables),
        "non-trainable": count(model.non_trainable_variables),
        "bytes": sum(sizes),
    }


def count_flops(model: keras.Model) -> int:
    """Operations of the dense and convolutional layers for one sample, two for each multiply-add."""
    multiply_adds = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            height, width = layer.output.shape[1:3]
            multiply_adds += height * width * math.prod(layer.kernel.shape)
        elif isinstance(layer, layers.Dense):
            rows = math.prod(layer.output.shape[1:-1])  # 1 where the input is (B, features)
            multiply_adds += rows * math.prod(layer.kernel.shape)
    return 2 * multiply_adds


if __name__ == "__main__":
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    counts = count_parameters(model)
    assert counts["trainable"] == 3 * 16 * 9 + 2 * 16 + 16 * 9 + 256 * 10 + 10
    assert counts["non-trainable"] == 2 * 16  # the moving mean and variance
    assert counts["trainable"] + counts["non-trainable"] == model.count_params()
    assert counts["bytes"] == 4 * model.count_params()

    # Multiplications counted one by one, as the definition of a convolution has them: output place by output place.
    by_hand = sum(3 * 9 for _ in range(8 * 8 * 16)) + sum(9 for _ in range(4 * 4 * 16)) + 256 * 10
    assert count_flops(model) == 2 * by_hand
    print(counts, f"{count_flops(model):,} FLOPs")
