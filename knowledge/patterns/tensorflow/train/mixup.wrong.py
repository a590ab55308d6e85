"""Wrong: class numbers instead of one-hot labels; the weights (B, 1) broadcast them to a matrix."""

import keras
import numpy as np

mix = keras.layers.MixUp(0.2)
batch = {"images": np.zeros((8, 4, 4, 1), "float32"), "labels": np.arange(8, dtype="float32")}  # wrong: one-hot
shape = tuple(mix(batch, training=True)["labels"].shape)
assert shape == (8,), f"the labels have become a matrix of shape {shape}"
