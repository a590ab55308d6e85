# /// pattern
# id = "tf.optimizer.sgd"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "sgd"
# entry = "build_optimizer"
# twin = "pt.optimizer.sgd"
# questions = [
#     "sgd with momentum keras",
#     "nesterov momentum tensorflow",
#     "sgd weight decay keras 3",
#     "stochastic gradient descent clip norm",
#     "keras sgd momentun",
# ]
# errors = ["ValueError: Argument(s) not recognized: {'lr': 0.01}"]
# apis = ["keras.optimizers.SGD"]
# replaces = ["SGD(lr=, decay=)", "tf.train.MomentumOptimizer"]
# why = """Momentum 0.9 with Nesterov's look-ahead is the usual SGD for networks. It needs a learning rate some 10 to
# 100 times that of Adam, and profits from a schedule more than Adam does."""
# pitfalls = "Without clipping a high learning rate can end in NaN within a few steps."
# when_not = "Transformers and sparse embeddings, whose gradients differ much in size: Adam or AdamW."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the loss is not finite"
# ///
"""SGD with Nesterov momentum and weight decay on weight matrices only."""

import keras
import numpy as np


def build_optimizer(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    *,
    weight_decay: float,
    max_norm: float | None = None,
) -> keras.optimizers.Optimizer:
    """SGD with momentum 0.9; max_norm bounds the norm of all gradients taken together."""
    optimizer = keras.optimizers.SGD(
        learning_rate, momentum=0.9, nesterov=True, weight_decay=weight_decay or None, global_clipnorm=max_norm
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input(shape=(4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=build_optimizer(0.01, weight_decay=1e-4, max_norm=1.0), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    losses = model.fit(x, x.sum(axis=1, keepdims=True), epochs=10, verbose=0).history["loss"]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.5 * losses[0]
