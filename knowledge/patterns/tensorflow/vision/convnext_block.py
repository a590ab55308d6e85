# /// pattern
# id = "tf.vision.convnext-block"
# topic = "vision.blocks"
# twin = "pt.vision.convnext-block"
# questions = [
#     "convnext block keras",
#     "layer scale keras layer",
#     "depthwise 7x7 convolution with LayerNormalization",
#     "stochastic depth drop path keras",
#     "residual block with a custom layer keras 3",
#     "conv next blok tensorflow from scratch",
#     "learnable scale for each channel keras",
#     "Inputs have incompatible shapes in Add layer",
# ]
# errors = ["ValueError: Inputs have incompatible shapes. Received shapes (14, 14, 32) and (8, 8, 32)"]
# apis = ["keras.layers.DepthwiseConv2D", "keras.layers.LayerNormalization", "keras.Layer.add_weight",
#     "keras.layers.Add"]
# replaces = ["keras.applications.convnext.LayerScale", "tf.Variable gamma", "tfa.layers.StochasticDepth"]
# why = """With channels last, LayerNormalization and Dense work on the channels of each place by itself, as in a
# transformer; place is mixed by the depthwise 7x7 convolution alone. A learnt factor that starts near 0 lets every
# block begin as the identity, so that a deep network starts as a shallow one."""
# pitfalls = """The factor is a weight of a layer of its own, with get_config, or the model cannot be loaded.
# padding="same" in the convolution, or the shortcut no longer fits."""
# when_not = "Small images: a 7x7 kernel sees the whole of an 8x8 picture."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Inputs have incompatible shapes"
# ///
"""A ConvNeXt block (Liu et al., arXiv 2201.03545): large depthwise kernels, and a layer norm at each place."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


@keras.saving.register_keras_serializable(package="my_project")
class LayerScale(layers.Layer):
    """A learnt factor for each channel, last dimension, that starts at `initial`."""

    def __init__(self, initial: float = 1e-6, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        start = keras.initializers.Constant(self.initial)
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer=start, name="factor")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x * self.factor

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"initial": self.initial}


def convnext_block(x: keras.KerasTensor, *, expansion: int = 4, initial_scale: float = 1e-6) -> keras.KerasTensor:
    """(B, H, W, C) to the same shape."""
    channels = x.shape[-1]
    y = layers.DepthwiseConv2D(7, padding="same")(x)
    y = layers.LayerNormalization(epsilon=1e-6)(y)
    y = layers.Dense(expansion * channels, activation="gelu")(y)
    y = LayerScale(initial_scale)(layers.Dense(channels)(y))
    return layers.Add()([x, y])


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(2, 14, 14, 32)).astype("float32")
    inputs = keras.Input((14, 14, 32))
    np.testing.assert_allclose(keras.Model(inputs, convnext_block(inputs))(x), x, atol=1e-4)  # begins as the identity

    block = keras.Model(inputs, convnext_block(inputs, initial_scale=1.0))
    depthwise, norm = block.layers[1], block.layers[2]
    features = np.asarray(depthwise(x))
    by_hand = (features - features.mean(-1, keepdims=True)) / np.sqrt(features.var(-1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(norm(features), by_hand, rtol=1e-3, atol=1e-4)

    image = tf.constant(x[:1])
    with tf.GradientTape() as tape:
        tape.watch(image)
        centre = block(image)[0, 7, 7]
    rows = np.flatnonzero(np.abs(tape.gradient(centre, image)).sum(axis=(0, 2, 3)))
    assert rows.tolist() == list(range(4, 11))  # seven of them
    assert block.count_params() == 32 * 49 + 32 + 2 * 32 + (32 * 128 + 128) + (128 * 32 + 32) + 32
    print(f"{block.count_params():,} parameters, of which {depthwise.count_params():,} look at neighbours")
