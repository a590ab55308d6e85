# /// pattern
# id = "tf.precision.float32-output"
# topic = "train.precision"
# questions = [
#   "last layer dtype float32 with mixed_float16 policy",
#   "predictions are rounded with mixed precision keras",
#   "does mixed precision make training 2-3x faster",
#   "mixed precision slower on cpu",
#   "model output is float16 instead of float32",
#   "should I wrap the optimizer in LossScaleOptimizer myself",
#   "mixed precison output dtype",
# ]
# apis = ["keras.config.set_dtype_policy", "keras.layers.Dense", "keras.optimizers.LossScaleOptimizer"]
# replaces = ["mixed_precision.Policy('mixed_float16', loss_scale='dynamic')",
#   "mixed_precision.LossScaleOptimizer(optimizer) before compile", "tf.keras.mixed_precision.experimental"]
# why = """float16 has 11 bits: between 2048 and 4096 only every second number exists, and probabilities near 1 come in
# steps of 0.0005. Weights stay float32 under the policy, outputs do not, so the last layer says dtype="float32".
# compile wraps the optimizer in a LossScaleOptimizer, or leaves one that is there. The speed comes from units that most
# CPUs lack: on the two cores that ran this a float16 step took 40 times as long as a float32 one. No "2-3x" holds by
# itself: the program prints what it was here."""
# pitfalls = """Set the policy before the layers are made, and set it back in notebooks and tests. A head of bare
# float16 logits trains without complaint. Give the loss from_logits=True where the head has no softmax."""
# when_not = "CPUs, and GPUs without tensor cores: float32. GPUs with bfloat16: mixed_bfloat16 needs no loss scaling."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: predicted 2048"
# ///
"""Mixed precision with a float32 head: outputs are exact, the optimizer is scaled by compile, the gain is measured."""

import time

import keras
import numpy as np


def build(policy: str, *, features: int = 32) -> keras.Sequential:
    """Features (B, D) to a value (B, 1), computed under the policy, given in float32."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        hidden = keras.layers.Dense(256, activation="relu")
        head = keras.layers.Dense(1, dtype="float32")
        model = keras.Sequential([keras.Input(shape=(features,)), hidden, head])
        model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse", jit_compile=False)
    finally:
        keras.config.set_dtype_policy("float32")
    return model


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(512, 32)).astype("float32")
    y = x[:, :1] + 0.5 * x[:, 1:2]

    milliseconds, losses = {}, {}
    for policy in ("float32", "mixed_float16"):
        model = build(policy)
        first = model.train_on_batch(x, y)  # traces
        start = time.perf_counter()
        for _ in range(30):
            last = model.train_on_batch(x, y)
        milliseconds[policy], losses[policy] = (time.perf_counter() - start) / 30 * 1e3, (float(first), float(last))
    print({policy: f"{value:.1f} ms a step, loss {losses[policy]}" for policy, value in milliseconds.items()})
    assert all(last < 0.6 * first for first, last in losses.values())
    assert np.isclose(losses["mixed_float16"][0], losses["float32"][0], rtol=0.02)  # the same first step, rounded

    hidden, head = model.layers
    assert (hidden.compute_dtype, hidden.variable_dtype, head.compute_dtype) == ("float16", "float32", "float32")
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    head.kernel.assign(np.zeros((256, 1)))
    head.bias.assign([2049.0])
    assert float(model(x[:1])[0, 0]) == 2049.0 != float(np.float16(2049.0))
