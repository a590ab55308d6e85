# /// pattern
# id = "tf.optimizer.adamw"
# topic = "train.optimizer"
# role = "optimizer"
# provides = "adamw"
# entry = "build_optimizer"
# twin = "pt.optimizer.adamw"
# questions = [
#     "adamw keras weight decay",
#     "exclude bias and batchnorm from weight decay keras",
#     "gradient clipping global_clipnorm keras",
#     "AdamW tensorflow addons replacement",
#     "clip gradients by norm in keras",
#     "adamw wieght decay",
# ]
# errors = [
#     "ImportError: `keras.optimizers.legacy` is not supported in Keras 3.",
#     "ValueError: `exclude_from_weight_decay()` can only be configured before the optimizer is built.",
# ]
# apis = ["keras.optimizers.AdamW", "keras.optimizers.Optimizer.exclude_from_weight_decay"]
# replaces = ["tensorflow_addons.optimizers.AdamW", "keras.optimizers.experimental.AdamW", "Adam(decay=)"]
# why = """Decay belongs on weight matrices; on biases and on the scales of normalisation it only pulls the layer off.
# global_clipnorm scales all gradients together and keeps their direction, clipnorm treats each variable alone."""
# pitfalls = "Weight decay is multiplied by the current learning rate, so it fades with the schedule."
# when_not = "Frozen or already regularised kernels: decay and an L2 regulariser add up; plain Adam."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""AdamW with weight decay on weight matrices only (Loshchilov & Hutter, arXiv 1711.05101)."""

import keras
import numpy as np


def build_optimizer(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
    *,
    weight_decay: float,
    max_norm: float | None = None,
) -> keras.optimizers.Optimizer:
    """AdamW; max_norm bounds the norm of all gradients taken together."""
    optimizer = keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay, global_clipnorm=max_norm)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


if __name__ == "__main__":
    optimizer = build_optimizer(0.1, weight_decay=0.5, max_norm=1.0)
    kernel = keras.Variable(np.ones((2, 2), "float32"), name="kernel")
    bias = keras.Variable(np.ones(2, "float32"), name="bias")
    optimizer.apply([np.zeros((2, 2), "float32"), np.zeros(2, "float32")], [kernel, bias])
    print("kernel", kernel.numpy()[0, 0], "bias", bias.numpy()[0])
    assert np.allclose(kernel, 0.95) and np.allclose(bias, 1.0)  # 1 - learning rate * decay

    model = keras.Sequential(
        [keras.Input(shape=(4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=build_optimizer(0.01, weight_decay=0.01, max_norm=1.0), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    losses = model.fit(x, x.sum(axis=1, keepdims=True), epochs=5, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
