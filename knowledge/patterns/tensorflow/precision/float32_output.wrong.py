"""Wrong: every layer under mixed_float16, the last one too."""

import keras
import numpy as np

if __name__ == "__main__":
    keras.mixed_precision.set_global_policy("mixed_float16")
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8), keras.layers.Dense(1)])  # wrong: the head
    head = model.layers[-1]
    head.kernel.assign(np.zeros((8, 1)))
    head.bias.assign([2049.0])
    price = float(model(np.ones((1, 4), "float32"))[0, 0])
    assert price == 2049.0, f"predicted {price:.0f}, where the layer's bias says 2049"
