"""Wrong: a callback that sets the rate of an optimizer that has a schedule already."""

import keras
import numpy as np

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
decay = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=100)
model.compile(keras.optimizers.SGD(decay), "mse", jit_compile=False)
warm_up = keras.callbacks.LearningRateScheduler(lambda _epoch, rate: rate * 2)  # wrong: CosineDecay has warmup_steps
model.fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0, callbacks=[warm_up])
