# /// pattern
# id = "tf.optimizer.lion"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "lion"
# entry = "build_optimizer"
# twin = "pt.optimizer.lion"
# questions = [
#     "lion optimizer keras",
#     "sign momentum optimizer tensorflow",
#     "what learning rate for lion",
#     "lion vs adamw keras",
#     "optimizer with less memory than adam",
#     "loin optimizer",
# ]
# apis = ["keras.optimizers.Lion"]
# why = """Every step has the size of the learning rate, so Lion wants a learning rate 3 to 10 times smaller than AdamW
# and a weight decay as much larger; it keeps one moment per weight instead of two."""
# pitfalls = "Noisy with small batches: the sign of a gradient carries no size."
# when_not = "Small batches, where the sign of a noisy gradient says little: Adam."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Lion, which steps by the sign of a momentum (Chen et al., arXiv 2302.06675)."""

import keras
import numpy as np


def build_optimizer(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    *,
    weight_decay: float,
    max_norm: float | None = None,
) -> keras.optimizers.Optimizer:
    """Lion; max_norm bounds the norm of all gradients taken together."""
    optimizer = keras.optimizers.Lion(learning_rate, weight_decay=weight_decay or None, global_clipnorm=max_norm)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


if __name__ == "__main__":
    kernel = keras.Variable(np.ones(3, "float32"), name="kernel")
    build_optimizer(0.1, weight_decay=0.0).apply([np.array([5.0, -0.001, 0.0], "float32")], [kernel])
    print(kernel.numpy())
    assert np.allclose(kernel, [0.9, 1.1, 1.0])  # the learning rate times the sign

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input(shape=(4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=build_optimizer(3e-3, weight_decay=0.1), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    losses = model.fit(x, x.sum(axis=1, keepdims=True), epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
