# /// pattern
# id = "tf.audio.log-mel"
# topic = "audio.features"
# twin = "pt.audio.log-mel"
# questions = [
#     "log mel spectrogram in tensorflow",
#     "tf.signal.stft and linear_to_mel_weight_matrix",
#     "keras MelSpectrogram layer",
#     "audio features for sound classification keras",
#     "spectrogram layer inside a keras model",
#     "log of a spectrogram gives -inf tensorflow",
#     "mel spectogram tensorflow",
# ]
# apis = ["tf.signal.stft", "tf.signal.linear_to_mel_weight_matrix", "tf.signal.hann_window"]
# replaces = ["tfio.audio.melscale", "librosa.feature.melspectrogram", "tf.contrib.signal.stft"]
# why = """The short-time spectrum says which frequencies sound when; triangles spaced evenly in mel sum its bins as the
# ear does, fine below and coarse above; the logarithm makes loud and soft alike. Inside of the model the same features
# are made in training and in use."""
# pitfalls = """Silence is log(0) = -inf and the training NaN: a floor first. tf.signal.stft does not pad: a signal
# shorter than frame_length gives no frame at all. Complex numbers do not go through XLA on every device."""
# when_not = "One layer is enough: keras.layers.MelSpectrogram. Much data: convolutions on the waveform."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: no frame is left"
# ///
"""Log-mel spectrograms from waveforms, as a layer at the entrance of a model."""

import keras
import numpy as np
import tensorflow as tf


class LogMel(keras.layers.Layer):
    """Waveforms (B, samples) in [-1, 1] to (B, frames, bands), one frame for each hop samples."""

    def __init__(self, *, rate: int = 16_000, n_fft: int = 512, hop: int = 160, bands: int = 40) -> None:
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.filters = tf.signal.linear_to_mel_weight_matrix(bands, n_fft // 2 + 1, rate, 20.0, rate / 2)

    def call(self, waves: tf.Tensor) -> tf.Tensor:
        half = self.n_fft // 2
        padded = tf.pad(waves, [(0, 0), (half, half)], mode="REFLECT")  # frames are centred on their sample
        spectrum = tf.signal.stft(padded, self.n_fft, self.hop, window_fn=tf.signal.hann_window)
        power = tf.square(tf.abs(spectrum))  # (B, frames, n_fft / 2 + 1)
        return tf.math.log(tf.maximum(power @ self.filters, 1e-10))


def to_mel(hertz: float | np.ndarray) -> np.ndarray:
    """The scale that tf.signal uses: 1127 * ln(1 + f / 700)."""
    return 1127 * np.log1p(np.asarray(hertz) / 700)


if __name__ == "__main__":
    rate = 16_000
    time = np.arange(rate) / rate  # one second
    tones = [np.sin(2 * np.pi * 440 * time), np.sin(2 * np.pi * 3000 * time), 0 * time]
    waves = np.stack(tones).astype("float32")  # (3, samples)
    layer = LogMel(rate=rate)
    log_mel = np.asarray(layer(waves))
    assert log_mel.shape == (3, 1 + rate // 160, 40) and np.isfinite(log_mel).all()

    peaks = np.linspace(to_mel(20.0), to_mel(8000.0), 42)[1:-1]  # of each band, in mel
    for number, tone in enumerate((440, 3000)):
        loudest = log_mel[number].mean(axis=0).argmax()
        assert loudest == np.abs(peaks - to_mel(tone)).argmin()  # the band whose peak is nearest to the tone
    louder = np.asarray(layer(10 * waves[:1])) - log_mel[:1]
    loudest = log_mel[0].mean(axis=0).argmax()
    np.testing.assert_allclose(louder[0, :, loudest], np.log(100), atol=1e-3)  # power: squared

    frame = waves[0, 8000 - 256 : 8000 + 256] * np.hanning(513)[:512]  # by NumPy, in the middle of the sound
    by_numpy = np.log(np.abs(np.fft.rfft(frame)) ** 2 @ layer.filters.numpy())
    np.testing.assert_allclose(log_mel[0, 50, loudest], by_numpy[loudest], rtol=1e-3)

    model = keras.Sequential([keras.Input((rate,)), layer, keras.layers.Conv1D(8, 3), keras.layers.Dense(2)])
    print(f"{rate:,} samples -> {log_mel.shape[1]} frames x {log_mel.shape[2]} bands; model gives {model.output_shape}")
