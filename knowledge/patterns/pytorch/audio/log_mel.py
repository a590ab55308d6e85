# /// pattern
# id = "pt.audio.log-mel"
# topic = "audio.features"
# twin = "tf.audio.log-mel"
# questions = [
#   "log mel spectrogram in pytorch without torchaudio",
#   "audio features for speech or sound classification",
#   "mel filterbank from scratch",
#   "how to choose n_fft and hop_length",
#   "spectrogram has -inf values after log",
#   "what replaces torchaudio.transforms.MelSpectrogram",
#   "convert frequency in hz to mel",
#   "mel spectogram torch",
# ]
# apis = ["torch.stft", "torch.hann_window", "torch.linspace", "torch.Tensor.clamp"]
# replaces = ["torchaudio.transforms.MelSpectrogram", "librosa.feature.melspectrogram"]
# why = """The short-time spectrum says which frequencies sound when; triangles spaced evenly in mel (2595 log10(1 + f /
# 700)) sum its bins as the ear does, fine below and coarse above; the logarithm makes loud and soft alike. 40 numbers
# for each frame are left of 257."""
# pitfalls = """Silence is log(0) = -inf and the training NaN: a floor first. Many bands with a short n_fft leave low
# triangles without a bin. Normalise with statistics of the training set."""
# when_not = "A pretrained audio model: its own feature extractor. Much data: convolutions on the waveform."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: silence is -inf"
# ///
"""Log-mel spectrograms from waveforms, with a filterbank of one's own."""

import math

import torch
from torch import nn


def to_mel(hertz: torch.Tensor) -> torch.Tensor:
    """The mel scale of speech research: 2595 * log10(1 + f / 700)."""
    return 2595 * torch.log10(1 + hertz / 700)


def to_hertz(mel: torch.Tensor) -> torch.Tensor:
    """The way back."""
    return 700 * (10 ** (mel / 2595) - 1)


def mel_filters(bands: int, *, n_fft: int, rate: int) -> torch.Tensor:
    """Triangles (bands, n_fft / 2 + 1) between 0 and rate / 2, evenly spaced in mel, each 1 at its peak."""
    edges = to_hertz(torch.linspace(0, to_mel(torch.tensor(rate / 2)).item(), bands + 2))  # (bands + 2,)
    bins = torch.linspace(0, rate / 2, n_fft // 2 + 1)
    left, peak, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return torch.minimum((bins - left) / (peak - left), (right - bins) / (right - peak)).clamp(min=0)


class LogMel(nn.Module):
    """Waveforms (N, samples) in [-1, 1] to (N, bands, frames), one frame for each hop samples."""

    def __init__(self, *, rate: int = 16_000, n_fft: int = 512, hop: int = 160, bands: int = 40) -> None:
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.register_buffer("window", torch.hann_window(n_fft))
        self.register_buffer("filters", mel_filters(bands, n_fft=n_fft, rate=rate))

    def forward(self, waves: torch.Tensor) -> torch.Tensor:
        spectrum = torch.stft(waves, self.n_fft, hop_length=self.hop, window=self.window, return_complex=True)
        power = spectrum.abs().square()  # (N, n_fft / 2 + 1, frames)
        return (self.filters @ power).clamp(min=1e-10).log()


if __name__ == "__main__":
    rate = 16_000
    mel = torch.tensor([0.0, 500.0, 2000.0])
    torch.testing.assert_close(to_mel(to_hertz(mel)), mel)
    assert abs(to_mel(torch.tensor(1000.0)) - 1000) < 1  # the scale is made so: 1000 Hz is 1000 mel

    features = LogMel(rate=rate)
    assert (features.filters.sum(dim=1) > 0).all()  # no band without a bin
    time = torch.arange(rate) / rate  # one second
    waves = torch.stack([torch.sin(2 * math.pi * 440 * time), torch.sin(2 * math.pi * 3000 * time), 0 * time])
    log_mel = features(waves)  # (3, 40, 101)
    assert log_mel.shape == (3, 40, 1 + rate // 160) and log_mel.isfinite().all()

    peaks = to_hertz(torch.linspace(0, to_mel(torch.tensor(8000.0)).item(), 42))[1:-1]  # of each band, in Hz
    for number, tone in enumerate((440, 3000)):
        loudest = log_mel[number].mean(dim=1).argmax()
        assert loudest == (peaks - tone).abs().argmin()  # the band whose peak is nearest to the tone
    louder = features(10 * waves[:1]) - log_mel[:1]
    torch.testing.assert_close(louder[0, 8], torch.full((101,), math.log(100)), atol=1e-3, rtol=0)  # power: squared
    print(f"{waves.shape[1]:,} samples -> {log_mel.shape[1]} bands x {log_mel.shape[2]} frames")
