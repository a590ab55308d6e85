"""Wrong: to expect a quarter of the size of a small model; tensors below 1,024 elements are left as they are."""

import keras
import tensorflow as tf

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(4)])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    plain = converter.convert()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    optimised = converter.convert()
    assert len(optimised) < len(plain), f"not smaller: {len(plain)} bytes before, {len(optimised)} after"
