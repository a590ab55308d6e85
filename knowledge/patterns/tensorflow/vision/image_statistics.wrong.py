"""Wrong: the layer is adapted to bytes, and the pipeline divides by 255 as well."""

import keras
import numpy as np

images = np.random.default_rng(0).integers(0, 256, size=(64, 8, 8, 3))
normalisation = keras.layers.Normalization(axis=-1)
normalisation.adapt(images.astype("float32"))
inputs = images.astype("float32") / 255  # wrong: what adapt has seen, or Rescaling in front of both
deviation = float(np.std(normalisation(inputs)))
assert deviation > 0.9, f"the inputs are scaled twice: a deviation of {deviation:.3f} reaches the network"
