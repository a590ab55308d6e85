"""A CNN that standardises each image itself."""

import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def build_model() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    mean = keras.ops.mean(inputs, axis=(1, 2), keepdims=True)
    spread = keras.ops.std(inputs, axis=(1, 2), keepdims=True)
    x = (inputs - mean) / (spread + 1e-3)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def main() -> None:
    keras.utils.set_random_seed(0)
    digits = load_digits()
    images = digits.images[..., None].astype("float32")
    x_train, x_test, y_train, y_test = train_test_split(images, digits.target, test_size=0.2, random_state=0)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(2000, seed=0).batch(64)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(64)
    model = build_model()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=6, verbose=0)
    _, accuracy = model.evaluate(test, verbose=0)
    print(f"test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
