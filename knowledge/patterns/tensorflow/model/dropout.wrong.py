"""Wrong: a Dropout layer made in call(), as many examples of subclassing have it."""

import keras
import numpy as np


class CustomModel(keras.Model):
    """Features (B, D) to logits (B, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.dense1 = keras.layers.Dense(128, activation="relu")
        self.dense2 = keras.layers.Dense(10)

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        x = self.dense1(inputs)
        if training:
            x = keras.layers.Dropout(0.5)(x)  # wrong: made in __init__, called here with training=training
        return self.dense2(x)


if __name__ == "__main__":
    model = CustomModel()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    model.fit(np.ones((8, 4), "float32"), np.zeros(8), verbose=0)
