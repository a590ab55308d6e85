"""Iris with two inputs: sepals and petals pass through a branch each."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_iris


def build_model() -> keras.Model:
    sepals = keras.Input((2,), name="sepals")
    petals = keras.Input((2,), name="petals")
    left = layers.Dense(16, activation="relu")(sepals)
    right = layers.Dense(16, activation="relu")(petals)
    merged = layers.Concatenate()([left, right])
    hidden = layers.Dense(16, activation="relu")(merged)
    outputs = layers.Dense(3)(hidden)
    return keras.Model([sepals, petals], outputs)


def as_inputs(x: np.ndarray) -> list[np.ndarray]:
    return [x[:, :2], x[:, 2:]]


def main() -> None:
    keras.utils.set_random_seed(0)
    data = load_iris()
    order = np.random.permutation(len(data.target))
    x, y = data.data[order].astype("float32"), data.target[order]
    model = build_model()
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(as_inputs(x[:110]), y[:110], epochs=40, batch_size=10, verbose=0)
    _, accuracy = model.evaluate(as_inputs(x[110:]), y[110:], verbose=0)
    print(f"held-out accuracy: {accuracy:.3f}")


if __name__ == "__main__":
    main()
