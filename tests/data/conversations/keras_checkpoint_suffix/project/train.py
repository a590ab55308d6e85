"""A small CNN on the digits; the weights of the best epoch are kept and used for the test."""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

BEST_WEIGHTS = "best.weights.h5"


def build_model() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def main() -> None:
    keras.utils.set_random_seed(1)
    digits = load_digits()
    images = (digits.images / 16.0)[..., None].astype("float32")
    x_train, x_test, y_train, y_test = train_test_split(images, digits.target, test_size=0.2, random_state=1)
    model = build_model()
    model.compile(optimizer=keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    checkpoint = keras.callbacks.ModelCheckpoint(
        BEST_WEIGHTS, monitor="val_loss", save_best_only=True, save_weights_only=True
    )
    model.fit(
        x_train, y_train, validation_split=0.1, epochs=6, batch_size=64, callbacks=[checkpoint], verbose=2
    )
    model.load_weights(BEST_WEIGHTS)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
