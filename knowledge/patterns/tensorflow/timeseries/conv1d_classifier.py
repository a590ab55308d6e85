# /// pattern
# id = "tf.timeseries.conv1d-classifier"
# topic = "timeseries.classification"
# twin = "pt.timeseries.conv1d-classifier"
# questions = [
#     "1d cnn for time series classification keras",
#     "classify sensor signals with Conv1D tensorflow",
#     "ECG classification keras conv1d",
#     "expected min_ndim=3, found ndim=2 Conv1D",
#     "Conv1D input shape steps channels",
#     "raw audio waveform classifier keras",
#     "human activity recognition conv1d",
#     "1d convolutoin time series clasification keras",
# ]
# errors = ["is incompatible with the layer: expected min_ndim=3, found ndim=2. Full shape received: (8, 100)"]
# apis = ["keras.layers.Conv1D", "keras.layers.GlobalAveragePooling1D", "keras.layers.BatchNormalization"]
# replaces = ["keras.layers.Conv2D on spectrograms", "keras.layers.Flatten"]
# why = """A pattern may stand anywhere in the signal: convolutions find it at every place, strides make the reach grow,
# and a mean over time at the end makes the answer free of the length."""
# pitfalls = """Conv1D wants (B, T, channels): one channel is a dimension too, x[..., None]. Split by person or device,
# not by window: windows of one recording are near copies."""
# when_not = "Differences in pitch of long sounds: a log-mel spectrogram first. Order over long times: a recurrent net."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: is incompatible with the layer: expected min_ndim=3, found ndim=2"
# ///
"""A convolutional classifier of signals with several channels, for any length."""

import keras
import numpy as np
from keras import layers


def build_classifier(channels: int, num_classes: int, *, width: int = 16) -> keras.Model:
    """Signals (B, T, channels) to logits (B, num_classes); T from some 16 up."""
    signal = keras.Input((None, channels))
    x = signal
    for filters in (width, 2 * width, 2 * width):
        x = layers.Conv1D(filters, 9, strides=2, padding="same", use_bias=False)(x)  # T is halved
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return keras.Model(signal, layers.Dense(num_classes)(layers.GlobalAveragePooling1D()(x)))


def signals(rng: np.random.Generator, count: int, *, length: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """(count, length, 3) of noise, with a burst somewhere: slow (0), fast (1) or slow upside down (2)."""
    labels = rng.integers(3, size=count)
    time = np.arange(length) - rng.integers(20, length - 20, size=(count, 1))  # from the middle of the burst
    period = np.where(labels == 1, 5, 10)[:, None]
    burst = np.cos(2 * np.pi * time / period) * np.exp(-((time / 8) ** 2)) * np.where(labels == 2, -1, 1)[:, None]
    return (2 * burst[..., None] + 0.5 * rng.normal(size=(count, length, 3))).astype("float32"), labels


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, labels = signals(rng, 700)
    model = build_classifier(3, 3)
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss_fn, jit_compile=False)
    losses = model.fit(x[:500], labels[:500], epochs=8, batch_size=50, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]

    right = (np.asarray(model(x[500:])).argmax(axis=1) == labels[500:]).mean()
    longer, its_labels = signals(rng, 200, length=140)  # a length that was never seen
    right_longer = (np.asarray(model(longer)).argmax(axis=1) == its_labels).mean()
    print(f"{right:.0%} of new signals right, {right_longer:.0%} of longer ones")
    assert right > 0.8 and right_longer > 0.7
