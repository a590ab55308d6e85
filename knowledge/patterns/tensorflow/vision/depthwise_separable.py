# /// pattern
# id = "tf.vision.depthwise-separable"
# topic = "vision.blocks"
# twin = "pt.vision.depthwise-separable"
# questions = [
#     "SeparableConv2D keras what does it do",
#     "depthwise separable convolution tensorflow",
#     "groups argument of Conv2D keras",
#     "mobilenet block keras from scratch",
#     "squeeze and excitation block keras",
#     "fewer parameters in a convolution keras",
#     "depthwise seperable conv kears",
#     "channel attention layer functional api",
# ]
# errors = ["ValueError: The number of filters must be evenly divisible by the number of groups."]
# apis = ["keras.layers.SeparableConv2D", "keras.layers.GlobalAveragePooling2D", "keras.layers.Multiply"]
# replaces = ["keras.layers.SeparableConvolution2D", "Conv2D(groups=channels)", "keras_cv.layers.SqueezeAndExcite2D"]
# why = """A depthwise convolution gives each channel a filter of its own, a 1x1 convolution then mixes the channels:
# SeparableConv2D is both. Together they are the full convolutions whose kernels are products of the two, with about one
# k²-th of the weights. Squeeze and excitation adds what both lack: each channel is scaled by what the whole image
# shows."""
# pitfalls = """Few operations are not little time: depthwise layers are bound by memory. SeparableConv2D has nothing
# between its halves; MobileNet has a normalisation and an activation there. keras.layers.DepthwiseConv2D is the first
# half alone."""
# when_not = "Few channels: the full convolution is small already, and faster."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: evenly divisible by the number of groups"
# ///
"""A depthwise separable convolution, and squeeze-and-excitation (arXiv 1709.01507) behind it."""

import keras
import numpy as np
from keras import layers, ops


def squeeze_excite(x: keras.KerasTensor, *, reduction: int = 4) -> keras.KerasTensor:
    """Scale each channel of (B, H, W, C) by a factor from 0 to 1 that follows from the means of all channels."""
    channels = x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)  # (B, 1, 1, C)
    gate = layers.Dense(channels // reduction, activation="relu")(gate)
    gate = layers.Dense(channels, activation="sigmoid")(gate)
    return layers.Multiply()([x, gate])


def build_block(image_shape: tuple[int, int, int], filters: int) -> keras.Model:
    """Images (B, H, W, C) to features (B, H, W, filters)."""
    inputs = keras.Input(image_shape)
    x = layers.SeparableConv2D(filters, 3, padding="same", name="separable")(inputs)
    return keras.Model(inputs, squeeze_excite(x))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(2, 10, 10, 32)).astype("float32")
    block = build_block((10, 10, 32), filters=64)
    separable = block.get_layer("separable")

    # A full convolution with product kernels: (3, 3, 32, 1) times (1, 1, 32, 64).
    kernel = separable.depthwise_kernel * separable.pointwise_kernel  # (3, 3, 32, 64)
    features = separable(x)
    np.testing.assert_allclose(features, ops.conv(x, kernel, padding="same") + separable.bias, rtol=1e-3, atol=1e-5)
    assert separable.count_params() == 32 * 9 + 32 * 64 + 64
    assert tuple(kernel.shape) == (3, 3, 32, 64)

    factors = np.asarray(block(x)) / np.asarray(features)  # one for each channel of each image, whatever the place
    assert (factors.max(axis=(1, 2)) - factors.min(axis=(1, 2))).max() < 1e-3
    assert factors.min() > 0 and factors.max() < 1
    print(f"{separable.count_params():,} parameters instead of {32 * 64 * 9 + 64:,}")
