# /// pattern
# id = "tf.augmentation.image-shift-flip"
# topic = "data.augmentation"
# role = "augmentation"
# provides = "image-shift-flip"
# entry = "augment_images"
# twin = "pt.augmentation.image-shift-flip"
# questions = [
#     "data augmentation keras random shift and flip",
#     "augment images in a tf.data pipeline",
#     "ImageDataGenerator replacement keras 3",
#     "random crop with padding tensorflow",
#     "why is my augmentation the same every epoch",
#     "image augmentaion tf data map",
# ]
# errors = ["AttributeError: module 'keras.preprocessing.image' has no attribute 'ImageDataGenerator'"]
# apis = ["tf.data.Dataset.map", "tf.random.Generator", "tf.gather"]
# replaces = ["keras.preprocessing.image.ImageDataGenerator", "width_shift_range", "horizontal_flip"]
# why = """Random numbers must be drawn inside the mapped function by TensorFlow: Python's or NumPy's are drawn once,
# when map traces the function, and every image then gets the same frozen shift."""
# pitfalls = """Augment after cache, or the first epoch's shifts are cached; do not flip digits or letters; leave
# validation data alone."""
# when_not = "Heavy augmentation on a GPU: keras.layers.RandomTranslation and its kin inside the model run there."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the shift is frozen"
# ///
"""Random shifts and horizontal flips, drawn anew for every image in every epoch."""

import numpy as np
import tensorflow as tf


def shift_and_flip(images: tf.Tensor, *, max_shift: int, flip: bool, generator: tf.random.Generator) -> tf.Tensor:
    """Move each image of (B, H, W, C) by up to max_shift pixels both ways; the edge repeats into the gap."""
    shape = tf.shape(images)
    batch, height, width = shape[0], shape[1], shape[2]
    shifts = generator.uniform((2, batch, 1), -max_shift, max_shift + 1, dtype=tf.int32)
    rows = tf.clip_by_value(tf.range(height) + shifts[0], 0, height - 1)  # (B, H)
    columns = tf.clip_by_value(tf.range(width) + shifts[1], 0, width - 1)  # (B, W)
    if flip:
        flipped = generator.uniform((batch, 1)) < 0.5
        columns = tf.where(flipped, tf.reverse(columns, axis=[1]), columns)
    images = tf.gather(images, rows, axis=1, batch_dims=1)
    return tf.gather(images, columns, axis=2, batch_dims=1)


def augment_images(dataset: tf.data.Dataset, *, max_shift: int, flip: bool, seed: int) -> tf.data.Dataset:
    """A dataset of batches (images, labels) with its images shifted by up to max_shift pixels and maybe mirrored."""
    generator = tf.random.Generator.from_seed(seed)

    def augment(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return shift_and_flip(images, max_shift=max_shift, flip=flip, generator=generator), labels

    return dataset.map(augment).prefetch(tf.data.AUTOTUNE)


if __name__ == "__main__":
    images = np.random.default_rng(0).normal(size=(64, 8, 8, 1)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices((images, np.arange(64))).batch(32)
    augmented = augment_images(dataset, max_shift=1, flip=True, seed=0)
    epochs = [np.concatenate([x for x, _ in augmented]) for _ in range(2)]
    assert epochs[0].shape == images.shape and not np.array_equal(epochs[0], epochs[1])
    unchanged = [(epochs[0][i] == images[i]).all() for i in range(64)]
    print(f"{sum(unchanged)} of 64 images unchanged; 1 in 18 expected")
    assert sum(unchanged) < 12
    still = augment_images(dataset, max_shift=0, flip=False, seed=0)
    assert np.array_equal(np.concatenate([x for x, _ in still]), images)
    image = images[0, :, :, 0]
    shifts = [np.pad(image, 1, mode="edge")[r : r + 8, c : c + 8] for r in range(3) for c in range(3)]
    candidates = shifts + [shift[:, ::-1] for shift in shifts]
    assert any(np.array_equal(epochs[0][0, :, :, 0], candidate) for candidate in candidates)
