# /// pattern
# id = "tf.data.image-folders"
# topic = "data.images"
# questions = [
#   "image_dataset_from_directory example",
#   "load images from folders, one folder per class, keras",
#   "ImageDataGenerator flow_from_directory replacement",
#   "validation_split subset seed image_dataset_from_directory",
#   "confusion matrix is random although validation accuracy is high",
#   "predictions and labels do not match image_dataset_from_directory",
#   "class_names order image dataset",
#   "image_dataset_from_directroy keras",
# ]
# errors = [
#   "ValueError: If using `validation_split` and shuffling the data, you must provide a `seed` argument, to make sure",
#   "ValueError: No images found in directory",
# ]
# apis = ["keras.utils.image_dataset_from_directory", "keras.layers.Rescaling", "tf.data.Dataset.cache"]
# replaces = ["keras.preprocessing.image.ImageDataGenerator", "flow_from_directory", "flow_from_dataframe"]
# why = """Classes are numbered by the folders' names in alphabetical order. It shuffles unless told otherwise, and anew
# each time it is read: labels collected in one pass and predictions made in another do not belong together, and a good
# model seems to guess."""
# pitfalls = """Both subsets need the same seed and split, or they overlap. label_mode="int" goes with sparse losses.
# Pixels are 0 to 255: put Rescaling into the model, where it is saved with it."""
# when_not = "Labels are in a table, not in folders' names: tf.data from a list of paths."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a perfect classifier seems to have accuracy 0."
# ///
"""Images in a folder for each class, as training and validation data whose labels stay with their images."""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

CLASSES = ("bright", "dark", "medium")
LEVELS = {"bright": 220, "dark": 30, "medium": 120}


def write_images(folder: Path, *, each: int) -> None:
    """Grey images of 8x8 pixels: folder/class/number.png."""
    rng = np.random.default_rng(0)
    for name, level in LEVELS.items():
        (folder / name).mkdir()
        for number in range(each):
            pixels = np.clip(rng.normal(level, 10, size=(8, 8, 1)), 0, 255).astype("uint8")
            tf.io.write_file(str(folder / name / f"{number}.png"), tf.io.encode_png(pixels))


def load(folder: Path, *, seed: int) -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """Training (shuffled) and validation data (in a fixed order): images (B, 8, 8, 1) of 0..255, labels (B,)."""
    options = {"image_size": (8, 8), "color_mode": "grayscale", "batch_size": 16, "verbose": False}
    train, validation = keras.utils.image_dataset_from_directory(
        folder, label_mode="int", class_names=list(CLASSES), validation_split=0.2, subset="both", seed=seed, **options
    )
    return train.prefetch(tf.data.AUTOTUNE), validation.cache()


def labels_and_predictions(model: keras.Model, dataset: tf.data.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted class numbers, from one and the same pass."""
    pairs = [(labels.numpy(), np.argmax(model(images), axis=1)) for images, labels in dataset]
    labels, predictions = zip(*pairs, strict=True)
    return np.concatenate(labels), np.concatenate(predictions)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder), each=20)
        train, validation = load(Path(folder), seed=0)
        seen = [{image.tobytes() for images, _ in part for image in images.numpy()} for part in (train, validation)]
        # A model that reads the brightness: no training needed to see which labels belong to which images.
        inputs = keras.Input(shape=(8, 8, 1))
        brightness = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(inputs))  # (B, 1)
        levels = np.array([LEVELS[name] / 255 for name in CLASSES], dtype="float32")
        model = keras.Model(inputs, -keras.ops.abs(brightness - levels))  # (B, 3) logits
        for part in (train, validation):
            labels, predictions = labels_and_predictions(model, part)
            assert np.array_equal(labels, predictions)
    assert [len(images) for images in seen] == [48, 12] and not seen[0] & seen[1]  # no image is in both
    print("validation labels", labels)
