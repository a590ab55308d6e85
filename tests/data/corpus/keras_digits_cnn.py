"""Classify 8x8 handwritten digits with a small convolutional network, the best epoch kept on disk."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 7
CLASSES = 10
BATCH_SIZE = 64
EPOCHS = 10
CHECKPOINT = Path("best.keras")


def load_splits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Images (N, 8, 8, 1) in [0, 1] and integer labels (N,) for train, val and test."""
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1).astype("float32") / 16.0
    labels = labels.astype("int64")
    x_train, x_rest, y_train, y_rest = train_test_split(
        images, labels, test_size=0.3, stratify=labels, random_state=SEED
    )
    x_val, x_test, y_val, y_test = train_test_split(x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=SEED)
    return {"train": (x_train, y_train), "val": (x_val, y_val), "test": (x_test, y_test)}


def augment(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Shift the digit by at most one pixel in each direction."""
    padded = tf.pad(image, [[1, 1], [1, 1], [0, 0]])
    return tf.image.random_crop(padded, (8, 8, 1)), label


def train_dataset(images: np.ndarray, labels: np.ndarray) -> tf.data.Dataset:
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    dataset = dataset.shuffle(len(images), seed=SEED)
    dataset = dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)


def eval_dataset(images: np.ndarray, labels: np.ndarray) -> tf.data.Dataset:
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)


def build_model() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(CLASSES),
        ],
        name="digits_cnn",
    )


def callbacks() -> list[keras.callbacks.Callback]:
    return [
        keras.callbacks.ModelCheckpoint(str(CHECKPOINT), monitor="val_accuracy", mode="max", save_best_only=True),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True),
        keras.callbacks.TensorBoard(log_dir="logs"),
    ]


def main() -> None:
    keras.utils.set_random_seed(SEED)
    splits = load_splits()
    train, val, test = train_dataset(*splits["train"]), eval_dataset(*splits["val"]), eval_dataset(*splits["test"])

    model = build_model()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(train, validation_data=val, epochs=EPOCHS, callbacks=callbacks(), shuffle=False, verbose=2)

    best = keras.saving.load_model(CHECKPOINT)
    scores = best.evaluate(test, return_dict=True, verbose=0)
    print(f"test loss {scores['loss']:.3f}, test accuracy {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
