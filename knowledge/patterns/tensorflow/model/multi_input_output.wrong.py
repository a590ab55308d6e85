"""Wrong: the losses are named after the layers, the outputs have other names."""

import keras
import numpy as np

inputs = keras.Input((4,))
outputs = {
    "kind": keras.layers.Dense(2, name="kind_head")(inputs),
    "price": keras.layers.Dense(1, name="price_head")(inputs),
}
model = keras.Model(inputs, outputs)
model.compile("adam", loss={"kind_head": "sparse_categorical_crossentropy", "price_head": "mse"})  # wrong keys
model.fit(np.zeros((8, 4)), {"kind": np.zeros(8), "price": np.zeros(8)}, verbose=0)
