# /// pattern
# id = "tf.vision.image-statistics"
# topic = "vision.preprocessing"
# twin = "pt.vision.image-statistics"
# questions = [
#     "Normalization layer adapt on images keras",
#     "Rescaling or Normalization for images",
#     "normalize images per channel with own mean and variance tensorflow",
#     "preprocessing inside the model keras images uint8",
#     "mean and std of an image dataset tf.data",
#     "model gives bad predictions in production, inputs 0 to 255 instead of 0 to 1",
#     "normalise imges keras layer adapt dataset",
# ]
# apis = ["keras.layers.Normalization", "keras.layers.Normalization.adapt", "tf.data.Dataset.map"]
# replaces = ["ImageDataGenerator(featurewise_center=True)", "x / 255.0 before fit",
#     "tf.image.per_image_standardization"]
# why = """Normalization(axis=-1) has one mean and variance for each channel; adapt takes them from a dataset of
# batches, exactly, whatever their sizes. As the first layer of the model they are saved with it, so whoever calls the
# model hands over the bytes of an image and cannot forget anything."""
# pitfalls = """adapt before training, with the training images only, without augmentation. The dataset gives images
# alone: map the labels away. A pretrained network wants the figures that it was trained with."""
# when_not = "Rescaling(1 / 127.5, offset=-1) does where colours are spread over the whole range."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the inputs are scaled twice"
# ///
"""Channel statistics of a dataset of images, inside the model that takes uint8."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def normalisation_for(dataset: tf.data.Dataset) -> layers.Normalization:
    """A layer for images (B, H, W, C), with the mean and variance of each channel over (images, labels) batches."""
    layer = layers.Normalization(axis=-1)
    layer.adapt(dataset.map(lambda images, _labels: tf.cast(images, tf.float32)))
    return layer


def build_classifier(normalisation: layers.Normalization, num_classes: int) -> keras.Model:
    """uint8 images (B, 16, 16, 3) to logits (B, num_classes)."""
    images = keras.Input((16, 16, 3), dtype="uint8")
    x = normalisation(keras.ops.cast(images, "float32"))
    x = layers.Conv2D(8, 3, activation="relu")(x)
    return keras.Model(images, layers.Dense(num_classes)(layers.GlobalAveragePooling2D()(x)))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    colours = rng.uniform(40, 210, size=(50, 1, 1, 3))  # images differ more than the pixels of one image do
    images = np.clip(colours + rng.normal(0, 15, size=(50, 16, 16, 3)), 0, 255).astype("uint8")
    labels = np.arange(50) % 2
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)  # the last batch has 2

    normalisation = normalisation_for(dataset)
    pixels = images.reshape(-1, 3).astype("float64")
    np.testing.assert_allclose(np.ravel(normalisation.mean), pixels.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(np.ravel(normalisation.variance), pixels.var(axis=0), rtol=1e-3)
    normed = np.asarray(normalisation(images.astype("float32"))).reshape(-1, 3)
    assert np.abs(normed.mean(axis=0)).max() < 1e-3 and np.abs(normed.std(axis=0) - 1).max() < 1e-3

    model = build_classifier(normalisation, num_classes=2)
    assert model(images[:4]).shape == (4, 2)  # bytes as they come from the file
    assert len(model.trainable_variables) == 4  # the statistics are not trained
    print("mean", pixels.mean(axis=0).round(1), "deviation", pixels.std(axis=0).round(1))
