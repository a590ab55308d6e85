"""Wrong: the target network is a second name of the online one; it moves with each step."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
online = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
target = online  # wrong: keras.models.clone_model(online), then set_weights
x = np.ones((8, 4), "float32")
before = np.asarray(target(x))
online.compile("sgd", "mse")
online.train_on_batch(x, np.zeros((8, 2)))
change = np.abs(np.asarray(target(x)) - before).max()
assert change == 0, f"the target network moved with the online one, by {change:.2f}"
