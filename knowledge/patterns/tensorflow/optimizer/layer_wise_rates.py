# /// pattern
# id = "tf.optimizer.layer-wise-rates"
# topic = "train.optimizer"
# twin = "pt.optimizer.layer-wise-rates"
# questions = [
#     "different learning rate for each layer keras",
#     "two optimizers in one keras model",
#     "lower learning rate for the pretrained backbone tensorflow",
#     "discriminative learning rates keras 3",
#     "keras MultiOptimizer",
#     "layer-wise learning rate decay tf",
#     "diferent optimizers for different layers",
#     "lr multiplier for a layer",
# ]
# apis = ["keras.optimizers.MultiOptimizer", "keras.optimizers.OptimizerMap"]
# replaces = ["tfa.optimizers.MultiOptimizer", "lr_mult", "LRMultiplier", "a train_step with two optimizers"]
# why = """MultiOptimizer hands each variable to the optimizer whose pattern matches its path, such as
# "sequential/body/kernel"; what matches none goes to the default. It counts as one optimizer for compile and fit."""
# pitfalls = """A pattern must match the whole path: "body" alone matches nothing, and everything silently goes to the
# default. Two patterns that match one variable raise. Learning-rate callbacks see no single learning_rate: give each
# optimizer a schedule."""
# when_not = "The body should not move at all: freeze it."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the body moved as fast as the head"
# ///
"""A learning rate for each block, by the paths of the variables, falling towards the input."""

import keras
import numpy as np
from keras.optimizers import SGD, MultiOptimizer, OptimizerMap


def layer_wise_optimizer(names: list[str], *, head_rate: float, rate_factor: float) -> MultiOptimizer:
    """SGD with a rate for each named layer, in order from the input; what is not named has the head's rate."""
    optimizers = OptimizerMap(SGD(head_rate))
    for depth, name in enumerate(reversed(names), start=1):
        optimizers[f"(.*/)?{name}/.*"] = SGD(head_rate * rate_factor**depth)
    return MultiOptimizer(optimizers)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    blocks = [keras.layers.Dense(8, activation="tanh", name=name) for name in ("early", "late")]
    model = keras.Sequential([keras.Input((8,)), *blocks, keras.layers.Dense(1, name="head")])
    start = model.get_weights()
    x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
    y = x[:, :1]

    def step_with(optimizer: keras.optimizers.Optimizer) -> list[np.ndarray]:
        model.set_weights(start)
        model.compile(optimizer, "mse", jit_compile=False)
        model.train_on_batch(x, y)
        return [after - before for after, before in zip(model.get_weights(), start, strict=True)]

    at_one_rate = step_with(SGD(0.1))
    at_three = step_with(layer_wise_optimizer(["early", "late"], head_rate=0.1, rate_factor=0.1))
    for number, factor in ((0, 0.01), (2, 0.1), (4, 1.0)):  # the kernels of early, late and head
        np.testing.assert_allclose(at_three[number], factor * at_one_rate[number], rtol=1e-2, atol=1e-7)
    print("mean step of each kernel:", [f"{np.abs(at_three[number]).mean():.1e}" for number in (0, 2, 4)])
