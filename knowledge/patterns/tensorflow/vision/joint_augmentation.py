# /// pattern
# id = "tf.vision.joint-augmentation"
# topic = "vision.augmentation"
# twin = "pt.vision.joint-augmentation"
# questions = [
#     "same random transform for image and mask keras",
#     "augment segmentation mask together with the image tensorflow",
#     "RandomFlip RandomRotation for image and label map",
#     "segmentation_masks dict preprocessing layer",
#     "mask has values between classes after augmentation keras",
#     "image and mask not aligned after random flip tf.data",
#     "agument image and mask the same way keras",
#     "ImageDataGenerator with masks and the same seed",
# ]
# apis = ["keras.layers.RandomFlip", "keras.layers.RandomRotation", "keras.layers.RandomZoom", "tf.data.Dataset.map"]
# replaces = ["ImageDataGenerator", "tf.keras.preprocessing.image.ImageDataGenerator", "two layers with the same seed"]
# why = """A preprocessing layer of Keras 3 that gets a dict of "images" and "segmentation_masks" draws once for each
# sample and moves both alike: the image bilinearly, the mask from the nearest pixel, because a class number between two
# classes has no meaning."""
# pitfalls = """The masks need a channel, (B, H, W, 1). Call with training=True: in a map of tf.data nothing says that
# this is training. The default fill_mode reflects; "constant" fills masks with class 0."""
# when_not = "Validation and test data."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: image and mask are no longer aligned"
# ///
"""One random flip, rotation and zoom for each sample, for its image and its mask alike, inside tf.data."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

AUGMENTATIONS = [layers.RandomFlip("horizontal"), layers.RandomRotation(0.06), layers.RandomZoom(0.2)]


def augment(images: tf.Tensor, masks: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Images (B, H, W, C) and masks (B, H, W) of class numbers, moved alike."""
    sample = {"images": images, "segmentation_masks": masks[..., None]}
    for layer in AUGMENTATIONS:
        sample = layer(sample, training=True)
    return sample["images"], tf.cast(sample["segmentation_masks"][..., 0], tf.int64)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    masks = np.zeros((16, 48, 48), "int64")
    masks[:, 8:28, 10:22], masks[:, 30:42, 20:44] = 1, 3
    images = (masks[..., None] / 3).astype("float32")  # every pixel shows its class
    dataset = tf.data.Dataset.from_tensor_slices((images, masks)).batch(8).map(augment)
    moved, labels = (np.concatenate(parts) for parts in zip(*dataset.as_numpy_iterator(), strict=True))

    assert labels.shape == masks.shape and moved.shape == images.shape
    assert set(np.unique(labels)) == {0, 1, 3}  # no class 2 between 1 and 3
    agreement = (np.abs(moved[..., 0] * 3 - labels) < 0.5).mean()
    assert agreement > 0.9, agreement  # all but the rims, where the image is a mixture
    changed = (labels != masks).mean(axis=(1, 2))
    assert (changed > 0).sum() > 12 and len(np.unique(changed)) > 8  # each sample in its own way
    print(f"image and mask agree in {agreement:.1%} of the pixels")
