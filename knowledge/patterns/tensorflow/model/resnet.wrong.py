"""Wrong: an identity shortcut around a block that halves the image and doubles the filters."""

import keras

if __name__ == "__main__":
    inputs = keras.Input(shape=(32, 32, 16))
    x = keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(inputs)
    x = keras.layers.Conv2D(32, 3, padding="same")(x)  # (B, 16, 16, 32)
    outputs = keras.layers.Add()([x, inputs])
