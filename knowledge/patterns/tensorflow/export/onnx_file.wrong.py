"""Wrong: export to ONNX on the TensorFlow backend, which cannot do it without the package tf2onnx."""

import keras
import numpy as np

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model(np.zeros((1, 4)))
model.export("model.onnx", format="onnx", verbose=False)  # wrong: KERAS_BACKEND=torch, before keras is imported
