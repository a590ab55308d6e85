# /// pattern
# id = "tf.train.mixup"
# topic = "train.regularisation"
# twin = "pt.train.mixup"
# questions = [
#     "mixup augmentation keras",
#     "cutmix layer keras 3",
#     "MixUp layer with labels in tf.data",
#     "keras.layers.MixUp labels shape",
#     "regularize an image classifier by mixing images tensorflow",
#     "soft labels with CategoricalCrossentropy after mixup",
#     "mix up and cut mix kears",
# ]
# apis = ["keras.layers.MixUp", "keras.layers.CutMix", "tf.data.Dataset.map", "keras.losses.CategoricalCrossentropy"]
# replaces = ["keras_cv.layers.MixUp", "keras_cv.layers.CutMix", "tfp.distributions.Beta"]
# why = """The layers take a dict of a whole batch, images and one-hot labels, and mix both by the same weights: each
# label then says how much of each class is in its image. They come behind batch, in the training data alone."""
# pitfalls = """Integer labels (B,) are broadcast to (B, B) without an error. The loss becomes CategoricalCrossentropy,
# also for validation, so its labels are one-hot too. CutMix takes the weight from the rectangle before it is cut to
# whole pixels: off by up to 0.02 for 96 pixels, by much more for twelve."""
# when_not = "The model underfits already, or labels are no classes."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the labels have become a matrix"
# ///
"""MixUp (arXiv 1710.09412) and CutMix (arXiv 1905.04899) on batches of a tf.data pipeline."""

import keras
import numpy as np
import tensorflow as tf


def mixed_batches(
    images: np.ndarray, labels: np.ndarray, *, num_classes: int, batch_size: int, mix: keras.layers.Layer
) -> tf.data.Dataset:
    """Shuffled batches of images (B, H, W, C) and class probabilities (B, K), mixed by a MixUp or CutMix layer."""

    def mix_batch(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        mixed = mix({"images": images, "labels": tf.one_hot(labels, num_classes)}, training=True)
        return mixed["images"], mixed["labels"]

    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(labels)).batch(batch_size)
    return dataset.map(mix_batch, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    classes = np.arange(10)
    pictures = np.broadcast_to(classes[:, None, None, None], (10, 96, 96, 1)).astype("float32")

    batches = mixed_batches(pictures, classes, num_classes=10, batch_size=10, mix=keras.layers.MixUp(1.0))
    ((images, targets),) = batches.as_numpy_iterator()
    np.testing.assert_allclose(images[:, 0, 0, 0], targets @ classes, rtol=1e-4)  # the same weights
    batches = mixed_batches(pictures, classes, num_classes=10, batch_size=10, mix=keras.layers.CutMix(1.0))
    for _ in range(5):
        ((images, targets),) = batches.as_numpy_iterator()
        shown = np.stack([(images == label).mean(axis=(1, 2, 3)) for label in classes], axis=1)
        np.testing.assert_allclose(targets, shown, rtol=0, atol=0.025)  # what the pixels show, up to their borders

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 256)
    images = (rng.normal(size=(256, 8, 8, 1)) + labels[:, None, None, None]).astype("float32")
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile(
        keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy(from_logits=True), jit_compile=False
    )
    training = mixed_batches(images, labels, num_classes=2, batch_size=32, mix=keras.layers.MixUp(0.2))
    plain = keras.ops.one_hot(labels, 2)
    losses = model.fit(training, epochs=8, validation_data=(images, plain), verbose=0).history["val_loss"]
    assert losses[-1] < 0.6 * losses[0], losses
    print(f"loss on plain images {losses[0]:.2f} -> {losses[-1]:.2f}")
