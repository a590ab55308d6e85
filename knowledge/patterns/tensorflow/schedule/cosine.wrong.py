"""Wrong: decay_steps counted in epochs, where the optimizer counts batches."""

import keras
import numpy as np

if __name__ == "__main__":
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, decay_steps=10)  # 10 epochs were meant
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(schedule), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(640, 4)).astype("float32")
    model.fit(x, x.sum(axis=1, keepdims=True), epochs=2, batch_size=32, verbose=0)
    rate = float(model.optimizer.learning_rate)
    assert rate > 0, "the learning rate is zero from the 10th batch of the first epoch"
