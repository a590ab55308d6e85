# /// pattern
# id = "tf.precision.mixed"
# topic = "train.precision"
# role = "precision"
# provides = "mixed"
# entry = "use_mixed_precision"
# twin = "pt.loop.amp"
# questions = [
#     "mixed precision keras",
#     "mixed_float16 policy tensorflow",
#     "do I need LossScaleOptimizer in keras 3",
#     "bfloat16 training keras",
#     "amp in tensorflow",
#     "mixed precison set_global_policy",
# ]
# errors = ["AttributeError: module 'keras.mixed_precision' has no attribute 'experimental'"]
# apis = ["keras.config.set_dtype_policy", "keras.optimizers.LossScaleOptimizer"]
# replaces = [
#     "tf.keras.mixed_precision.experimental.set_policy",
#     "mixed_precision.Policy(loss_scale=)",
#     "tf.train.experimental.enable_mixed_precision_graph_rewrite",
# ]
# why = """The policy alone is enough: compile() wraps the optimizer in a LossScaleOptimizer under mixed_float16.
# bfloat16 has the exponents of float32 and needs no scaling. Without scaling, small float16 gradients become zero."""
# pitfalls = """Set the policy before the model is built, and give the last layer dtype float32. A hand-written
# GradientTape loop must scale the loss itself."""
# when_not = "On CPUs without bfloat16 units and on small models it is slower, not faster."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the gradients are zero"
# ///
"""Mixed precision: 16 bit computation, float32 weights."""

import keras
import numpy as np
import tensorflow as tf


def use_mixed_precision() -> None:
    """Let layers built from now on compute in float16 where there is a GPU, in bfloat16 elsewhere."""
    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    keras.config.set_dtype_policy("mixed_float16" if has_gpu else "mixed_bfloat16")


if __name__ == "__main__":
    use_mixed_precision()
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(4,))
    hidden = keras.layers.Dense(16, activation="relu")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, dtype="float32")(hidden))
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    losses = model.fit(x, x.sum(axis=1, keepdims=True), epochs=5, verbose=0).history["loss"]
    print(hidden.dtype, model.layers[1].kernel.dtype, f"loss {losses[0]:.2f} -> {losses[-1]:.2f}")
    assert hidden.dtype in ("float16", "bfloat16") and model.output.dtype == "float32"
    assert model.layers[1].kernel.dtype == "float32" and losses[-1] < 0.5 * losses[0]

    keras.config.set_dtype_policy("mixed_float16")
    half = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1, dtype="float32")])
    half.compile(optimizer="adam", loss="mse")
    assert isinstance(half.optimizer, keras.optimizers.LossScaleOptimizer)
