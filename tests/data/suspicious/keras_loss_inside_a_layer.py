"""Right: a layer adds its own penalty with add_loss, so the loss that is minimised exceeds the compiled one."""

import keras
import numpy as np
from keras import layers, ops

SEED = 17


class SparseCode(layers.Layer):
    """Dense code (B, units) whose mean activity is pulled towards zero."""

    def __init__(self, units: int, rate: float, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.dense = layers.Dense(units, activation="relu")

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, x):
        code = self.dense(x)
        self.add_loss(self.rate * ops.mean(ops.abs(code)))
        return code


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(1200, 6)).astype("float32")
    y = (np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]).astype("float32")

    inputs = keras.Input((6,))
    code = SparseCode(64, rate=0.05)(inputs)
    model = keras.Model(inputs, layers.Dense(1)(layers.Dense(32, activation="relu")(code)))
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=5e-3), loss="mse", metrics=["mse"])
    model.fit(x[:1000], y[:1000], batch_size=50, epochs=12, verbose=2)
    scores = model.evaluate(x[1000:], y[1000:], return_dict=True, verbose=0)
    print(f"test error {scores['mse']:.3f}, with the penalty {scores['loss']:.3f}, variance {y[1000:].var():.3f}")


if __name__ == "__main__":
    main()
