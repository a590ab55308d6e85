"""Wrong: labels from one pass over a shuffled data set, predictions from another."""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        for name, level in {"a_dark": 30, "b_bright": 220}.items():
            (Path(folder) / name).mkdir()
            for number in range(100):
                pixels = np.full((4, 4, 1), level, dtype="uint8")
                tf.io.write_file(f"{folder}/{name}/{number}.png", tf.io.encode_png(pixels))
        test = keras.utils.image_dataset_from_directory(
            folder, image_size=(4, 4), color_mode="grayscale", verbose=False
        )  # wrong: shuffle=False is missing
        model = keras.Sequential([keras.Input(shape=(4, 4, 1)), keras.layers.GlobalAveragePooling2D()])
        labels = np.concatenate([labels for _, labels in test])
        predictions = model.predict(test, verbose=0)[:, 0] > 128  # right for every image
    accuracy = np.mean(predictions == labels)
    assert accuracy > 0.9, f"a perfect classifier seems to have accuracy {accuracy:.2f}"
