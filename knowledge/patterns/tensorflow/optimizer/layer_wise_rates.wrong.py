"""Wrong: the layer's bare name as the pattern; it matches no path, and the default takes all."""

import keras
import numpy as np
from keras.optimizers import SGD, MultiOptimizer, OptimizerMap

keras.utils.set_random_seed(0)
layers = [keras.layers.Dense(8, activation="tanh", name="body"), keras.layers.Dense(1, name="head")]
model = keras.Sequential([keras.Input((8,)), *layers])
optimizers = OptimizerMap(SGD(0.1))
optimizers["body"] = SGD(0.0)  # wrong: "(.*/)?body/.*"
model.compile(MultiOptimizer(optimizers), "mse", jit_compile=False)
before = model.get_weights()[0]
x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
model.train_on_batch(x, x[:, :1])
moved = float(np.abs(model.get_weights()[0] - before).max())
assert moved == 0, f"the body moved as fast as the head: by up to {moved:.1e} at a rate of 0"
