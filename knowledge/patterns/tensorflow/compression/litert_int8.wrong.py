"""Wrong: float inputs for a model whose input is int8."""

import keras
import numpy as np
import tensorflow as tf

model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(2)])
samples = np.random.default_rng(0).random((20, 1, 4)).astype("float32")
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = lambda: ([sample] for sample in samples)
converter.inference_input_type = tf.int8
interpreter = tf.lite.Interpreter(model_content=converter.convert())
interpreter.allocate_tensors()
index = interpreter.get_input_details()[0]["index"]
interpreter.set_tensor(index, samples[0])  # wrong: round(sample / scale) + zero_point, as int8
