"""Right: the embedding is an output for later use without a loss; the two others have losses of different weight."""

import keras
import numpy as np
from keras import layers

SEED = 18


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(1200, 6)).astype("float32")
    size = (x[:, :1] ** 2 + x[:, 1:2]).astype("float32")
    kind = (x[:, 2:3] * x[:, 3:4] > 0).astype("float32")

    inputs = keras.Input((6,))
    hidden = layers.Dense(64, activation="relu")(inputs)
    embedding = layers.Dense(32, activation="relu", name="embedding")(hidden)
    outputs = {
        "size": layers.Dense(1, name="size")(embedding),
        "kind": layers.Dense(1, activation="sigmoid", name="kind")(embedding),
        "embedding": embedding,
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=5e-3),
        loss={"size": "mse", "kind": "binary_crossentropy", "embedding": None},
        loss_weights={"size": 0.2, "kind": 1.0, "embedding": 0.0},
    )
    model.fit(x[:1000], {"size": size[:1000], "kind": kind[:1000]}, batch_size=50, epochs=12, verbose=2)
    predicted = model.predict(x[1000:], verbose=0)
    accuracy = np.mean((predicted["kind"] > 0.5) == (kind[1000:] > 0.5))
    print(f"kind accuracy {accuracy:.3f}, size error {np.mean((predicted['size'] - size[1000:]) ** 2):.3f}")


if __name__ == "__main__":
    main()
