"""Wrong: an estimate from the weights alone; training with Adam holds more beside them."""

import keras
import numpy as np

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(64,)), keras.layers.Dense(256, "relu"), keras.layers.Dense(10)])
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    estimate = 4 * model.count_params()  # wrong: 16 bytes a parameter, and the activations
    model.optimizer.build(model.trainable_variables)
    gradients = estimate
    needed = estimate + gradients + sum(4 * int(np.prod(v.shape)) for v in model.optimizer.variables)
    assert needed < 1.5 * estimate, f"the weights alone are 1/{needed / estimate:.0f} of what is held between two steps"
