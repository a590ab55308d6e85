"""Wrong: decay_steps from an example, in a training of 200 batches; it counts batches, not epochs."""

import keras
import numpy as np

if __name__ == "__main__":
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-3, decay_steps=10000, decay_rate=0.9)
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(schedule), loss="mse", jit_compile=False)
    x = np.ones((320, 3), "float32")
    model.fit(x, x[:, :1], epochs=10, batch_size=16, verbose=0)
    left = float(model.optimizer.learning_rate) / 1e-3
    assert left < 0.9, f"after the whole training the rate is still {left:.1%} of the first"
