# /// pattern
# id = "tf.optimizer.adam"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "adam"
# entry = "build_optimizer"
# twin = "pt.optimizer.adam"
# questions = [
#     "adam optimizer keras",
#     "learning rate argument of adam keras 3",
#     "lr argument not recognized adam",
#     "optimizer.lr attribute error",
#     "change learning rate of a compiled model",
#     "adam optimiser tensorflow lerning rate",
# ]
# errors = [
#     "ValueError: Argument(s) not recognized: {'lr': 0.001}",
#     "AttributeError: 'Adam' object has no attribute 'lr'",
#     "Argument `decay` is no longer supported and will be ignored.",
# ]
# apis = ["keras.optimizers.Adam"]
# replaces = ["Adam(lr=)", "Adam(decay=)", "optimizer.lr", "keras.optimizers.legacy.Adam", "tf.train.AdamOptimizer"]
# why = """The argument is learning_rate: lr raises, and decay is ignored with a warning. Keras' Adam applies
# weight_decay to the weights themselves, as AdamW does, not through the gradient."""
# pitfalls = "optimizer.learning_rate = 1e-4 works only where no schedule was given."
# when_not = """Weight decay is wanted: tf.optimizer.adamw. Large image networks with a tuned schedule: SGD with
# momentum often ends better."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Argument(s) not recognized: {'lr': 0.001}"
# ///
"""Adam (Kingma & Ba, arXiv 1412.6980), with optional clipping of the gradients' global norm."""

import keras
import numpy as np


def build_optimizer(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    *,
    weight_decay: float,
    max_norm: float | None = None,
) -> keras.optimizers.Optimizer:
    """Adam; max_norm bounds the norm of all gradients taken together."""
    optimizer = keras.optimizers.Adam(learning_rate, weight_decay=weight_decay or None, global_clipnorm=max_norm)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


if __name__ == "__main__":
    model = keras.Sequential(
        [keras.Input(shape=(4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=build_optimizer(0.01, weight_decay=0.0, max_norm=1.0), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    losses = model.fit(x, x.sum(axis=1, keepdims=True), epochs=5, verbose=0).history["loss"]
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert losses[-1] < 0.5 * losses[0]
    model.optimizer.learning_rate = 1e-4
    assert abs(float(model.optimizer.learning_rate) - 1e-4) < 1e-9
