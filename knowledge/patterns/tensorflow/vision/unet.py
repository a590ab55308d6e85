# /// pattern
# id = "tf.vision.unet"
# topic = "vision.segmentation"
# twin = "pt.vision.unet"
# questions = [
#     "unet segmentation keras",
#     "semantic segmentation from scratch tensorflow",
#     "MeanIoU with sparse labels and logits",
#     "u-net Concatenate layer requires inputs with matching shapes",
#     "train a segmentation network with integer masks keras",
#     "mean iou metric always wrong keras",
#     "unet segmantation keras mIoU",
#     "odd image sizes in a unet",
# ]
# errors = ["ValueError: A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis."]
# apis = ["keras.metrics.MeanIoU", "keras.ops.image.resize", "keras.layers.MaxPooling2D", "keras.layers.Concatenate"]
# replaces = ["segmentation_models.Unet", "keras.layers.Conv2DTranspose", "tf.keras.metrics.MeanIoU on argmax by hand"]
# why = """The way down gathers context and loses place; the skips bring place back. Resizing to the size of the skip,
# not by a factor of 2, makes odd sizes work. MeanIoU keeps one confusion matrix over all batches; for logits it needs
# sparse_y_pred=False, which takes the argmax over the last axis."""
# pitfalls = """Scaled copies of masks need interpolation="nearest". A class that occurs nowhere is left out of the
# mean. Masks are class numbers (B, H, W), without one-hot."""
# when_not = "Instances that touch must be told apart: that is detection or instance segmentation."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: A `Concatenate` layer requires inputs with matching shapes"
# ///
"""A small U-Net (Ronneberger et al., arXiv 1505.04597) for images of any size, measured by mean IoU."""

import keras
import numpy as np
from keras import layers, ops


def double_conv(x: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return x


def unet(image_shape: tuple[int, int, int], num_classes: int, *, widths: tuple[int, ...] = (8, 16, 32)) -> keras.Model:
    """Images (B, H, W, C) to logits (B, H, W, K)."""
    inputs = keras.Input(image_shape)
    x = double_conv(inputs, widths[0])
    skips = []
    for channels in widths[1:]:
        skips.append(x)
        x = double_conv(layers.MaxPooling2D(2)(x), channels)
    for channels, skip in zip(reversed(widths[:-1]), reversed(skips), strict=True):
        x = ops.image.resize(x, skip.shape[1:3])  # odd sizes fit as well
        x = double_conv(layers.Concatenate()([x, skip]), channels)
    return keras.Model(inputs, layers.Conv2D(num_classes, 1)(x))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    row, column = np.ogrid[:19, :19]
    centres = rng.integers(5, 14, size=(2, 64, 1, 1))
    masks = ((row - centres[0]) ** 2 + (column - centres[1]) ** 2 < 20).astype("int64")  # (64, 19, 19): a disc
    images = (masks + rng.normal(0, 0.5, size=masks.shape)).astype("float32")[..., None]

    model = unet((19, 19, 1), num_classes=2)
    model.compile(
        keras.optimizers.Adam(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.MeanIoU(num_classes=2, sparse_y_pred=False, name="mean_iou")],
        jit_compile=False,
    )
    losses = model.fit(images, masks, batch_size=16, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0], losses

    reported = model.evaluate(images, masks, batch_size=16, verbose=0, return_dict=True)["mean_iou"]
    predicted = np.argmax(model.predict(images, verbose=0), axis=-1)
    by_hand = [((predicted == k) & (masks == k)).sum() / ((predicted == k) | (masks == k)).sum() for k in (0, 1)]
    assert abs(reported - np.mean(by_hand)) < 1e-4
    assert reported > 0.7
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, mean IoU {reported:.2f}")
