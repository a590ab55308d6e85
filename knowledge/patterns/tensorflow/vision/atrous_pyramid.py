# /// pattern
# id = "tf.vision.atrous-pyramid"
# topic = "vision.segmentation"
# twin = "pt.vision.atrous-pyramid"
# questions = [
#     "deeplab aspp keras",
#     "atrous spatial pyramid pooling tensorflow from scratch",
#     "dilated convolution receptive field keras",
#     "dilation_rate with strides not supported",
#     "deeplabv3 head keras functional",
#     "larger receptive field without downsampling keras",
#     "dilatation_rate conv2d padding same",
# ]
# errors = ["ValueError: `strides > 1` not supported in conjunction with `dilation_rate > 1`."]
# apis = ["keras.layers.Conv2D", "keras.layers.GroupNormalization",
#     "keras.layers.UpSampling2D"]
# replaces = ["AtrousConvolution2D", "tf.nn.atrous_conv2d", "keras_cv.models.DeepLabV3Plus"]
# why = """A convolution with dilation_rate d looks at places d apart: a wider view for the same weights and the same
# resolution. Several rates side by side, and the mean of the whole image, see objects of all sizes. Dilation takes the
# place of a stride: one layer cannot have both."""
# pitfalls = """In the image-wide branch batch normalisation sees one value for each image: for small batches it is
# noise. GroupNormalization does not care. Rates that exceed the map leave only the middle tap."""
# when_not = "High resolution at the borders matters most: a U-Net."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: not supported in conjunction with `dilation_rate > 1`"
# ///
"""Atrous spatial pyramid pooling, the head of DeepLab (Chen et al., arXiv 1706.05587)."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def normed(x: keras.KerasTensor, channels: int, kernel_size: int, *, rate: int = 1, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(channels, kernel_size, dilation_rate=rate, padding="same", use_bias=False, name=name)(x)
    return layers.ReLU()(layers.GroupNormalization(4)(x))


def atrous_pyramid(x: keras.KerasTensor, channels: int, *, rates: tuple[int, ...] = (2, 4, 6)) -> keras.KerasTensor:
    """(B, H, W, C) to (B, H, W, channels): views of several widths of the same map, and of the whole image."""
    height, width = x.shape[1:3]
    views = [normed(x, channels, 1, name="point")]
    views += [normed(x, channels, 3, rate=rate, name=f"rate_{rate}") for rate in rates]
    image = normed(layers.GlobalAveragePooling2D(keepdims=True)(x), channels, 1, name="image")  # (B, 1, 1, channels)
    views.append(layers.UpSampling2D((height, width))(image))  # the same at each place
    return normed(layers.Concatenate()(views), channels, 1, name="project")


def segmentation_head(feature_shape: tuple[int, int, int], num_classes: int, *, scale: int) -> keras.Model:
    """Features (B, h, w, C) of a backbone to logits (B, scale * h, scale * w, K)."""
    features = keras.Input(feature_shape)
    logits = layers.Conv2D(num_classes, 1)(atrous_pyramid(features, 16))
    return keras.Model(features, layers.UpSampling2D(scale, interpolation="bilinear")(logits))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    head = segmentation_head((17, 17, 8), num_classes=3, scale=4)
    features = tf.constant(np.random.default_rng(0).normal(size=(1, 17, 17, 8)).astype("float32"))
    assert head(features).shape == (1, 68, 68, 3)

    for rate in (2, 4, 6):
        convolution = head.get_layer(f"rate_{rate}")
        with tf.GradientTape() as tape:
            tape.watch(features)
            centre = convolution(features)[0, 8, 8]
        seen = np.argwhere(np.abs(tape.gradient(centre, features)).sum(axis=(0, 3)))
        assert seen.tolist() == [[8 + rate * i, 8 + rate * j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert convolution.kernel.shape == (3, 3, 8, 16)  # the same weights for every rate
    print("each view looks at 9 places, 2, 4 and 6 apart, and one at all 289")
