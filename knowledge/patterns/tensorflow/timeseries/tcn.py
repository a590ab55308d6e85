# /// pattern
# id = "tf.timeseries.tcn"
# topic = "timeseries.convolution"
# twin = "pt.timeseries.tcn"
# questions = [
#     "causal convolution keras",
#     "Conv1D padding causal dilation_rate",
#     "temporal convolutional network keras",
#     "wavenet dilated convolutions tensorflow",
#     "receptive field of dilated convolutions keras",
#     "conv1d looks into the future, padding same",
#     "causl conv1d tensorflow",
# ]
# apis = ["keras.layers.Conv1D", "tf.GradientTape"]
# replaces = ["keras-tcn", "keras.layers.ZeroPadding1D"]
# why = """padding="causal" puts all of the zeros before the first step: output t depends on inputs up to t. Dilations
# 1, 2, 4, ... double the reach with each layer, so 3 blocks of two kernels of 3 see 29 steps; the gradient of one
# output shows it."""
# pitfalls = """padding="same" puts half of the zeros at the end, and each output sees the future. strides must be 1
# where dilation_rate is above 1."""
# when_not = "Dependences longer than the reach: a recurrent net or attention."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: output 10 sees input 11"
# ///
"""A temporal convolutional network: dilated causal convolutions, and their reach measured."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, layers


def tcn_block(x: KerasTensor, *, kernel: int, dilation: int) -> KerasTensor:
    """Two causal convolutions of one dilation, added to the input: (B, T, C) to (B, T, C)."""
    y = x
    for _ in range(2):
        y = layers.Activation("gelu")(y)
        y = layers.Conv1D(x.shape[-1], kernel, padding="causal", dilation_rate=dilation)(y)
    return layers.Add()([x, y])


def build_tcn(in_dim: int, out_dim: int, *, channels: int = 16, kernel: int = 3, blocks: int = 3) -> keras.Model:
    """(B, T, in_dim) to (B, T, out_dim), step by step from the past alone."""
    series = keras.Input((None, in_dim))
    x = layers.Conv1D(channels, 1)(series)
    for number in range(blocks):
        x = tcn_block(x, kernel=kernel, dilation=2**number)
    return keras.Model(series, layers.Conv1D(out_dim, 1)(x))


def reach(*, kernel: int = 3, blocks: int = 3) -> int:
    """How many inputs, the present one included, an output depends on."""
    return 1 + sum(2 * (kernel - 1) * 2**number for number in range(blocks))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    series = np.random.default_rng(0).normal(size=(1, 12, 1)).astype("float32")
    layer = layers.Conv1D(1, 3, padding="causal", dilation_rate=2, use_bias=False)
    output, weights = np.asarray(layer(series))[0, :, 0], np.asarray(layer.kernel)[:, 0, 0]
    by_hand = [sum(weights[k] * series[0, t - (2 - k) * 2, 0] for k in range(3) if t >= (2 - k) * 2) for t in range(12)]
    np.testing.assert_allclose(output, by_hand, rtol=1e-4, atol=1e-5)

    model = build_tcn(2, 1)
    x = tf.random.normal((1, 64, 2), seed=0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        one = model(x)[0, 40, 0]
    seen = np.flatnonzero(np.abs(tape.gradient(one, x).numpy()).sum(axis=(0, 2)))  # what output 40 depends on
    assert seen.max() == 40 and seen.min() == 40 - reach() + 1 and reach() == 29

    np.testing.assert_allclose(model(x[:, :50]), model(x)[:, :50], atol=1e-5)  # what comes later changes nothing
    print(f"reach {reach()} steps, {model.count_params():,} parameters")
