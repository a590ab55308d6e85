"""Wrong: LoRA for a layer that has no kernel yet; it is made when the input's size is known."""

import keras

model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])  # wrong: keras.Input((16,)) first
for layer in model.layers:
    layer.enable_lora(4)
