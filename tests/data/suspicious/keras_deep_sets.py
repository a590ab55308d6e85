"""Right: the sum over a set's elements ignores their order on purpose (Zaheer et al., 2017); padding is weighted 0."""

import keras
import numpy as np
from keras import layers, ops

SEED = 22
LARGEST = 10


def make_sets(count: int, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
    """Elements (N, 10, 1) with their presence (N, 10, 1), and the largest element minus the smallest (N, 1)."""
    elements = rng.uniform(-1.0, 1.0, (count, LARGEST, 1))
    present = np.arange(LARGEST)[None, :, None] < rng.integers(2, LARGEST + 1, (count, 1, 1))
    top = np.where(present, elements, -np.inf).max(axis=1)
    bottom = np.where(present, elements, np.inf).min(axis=1)
    return [(elements * present).astype("float32"), present.astype("float32")], (top - bottom).astype("float32")


def build_model() -> keras.Model:
    elements = keras.Input((LARGEST, 1), name="elements")
    present = keras.Input((LARGEST, 1), name="present")
    features = layers.Dense(32, activation="relu")(layers.Dense(32, activation="relu")(elements))
    pooled = ops.sum(features * present, axis=1)
    return keras.Model([elements, present], layers.Dense(1)(layers.Dense(32, activation="relu")(pooled)))


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    (x_train, y_train), (x_test, y_test) = make_sets(2000, rng), make_sets(300, rng)
    model = build_model()
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=3e-3), loss="mse")
    model.fit(x_train, y_train, batch_size=50, epochs=12, verbose=2)
    print(f"test error {model.evaluate(x_test, y_test, verbose=0):.4f}, variance {y_test.var():.4f}")


if __name__ == "__main__":
    main()
