# /// pattern
# id = "pt.migration.stft"
# topic = "migration.signal"
# questions = [
#   "stft requires the return_complex parameter",
#   "torch.stft return_complex=True magnitude",
#   "spectrogram with torch.stft",
#   "istft complex input pytorch",
#   "stft real and imaginary part last dimension",
#   "torch stft retrun_complex error",
# ]
# errors = [
#   "RuntimeError: stft requires the return_complex parameter be given for real inputs",
#   "UserWarning: stft with return_complex=False is deprecated.",
# ]
# apis = ["torch.stft", "torch.istft", "torch.view_as_real"]
# replaces = ["torch.stft without return_complex", "return_complex=False"]
# why = """stft gives complex numbers (F, T) now; the pair of real numbers in a last dimension is torch.view_as_real of
# it. abs() is the magnitude, angle() the phase, and istft reads nothing else."""
# pitfalls = """Without a window a rectangular one is used, with a warning, and frequencies leak. Use the same window
# in istft."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: stft requires the return_complex parameter be given for real inputs"
# ///
"""A spectrogram with torch.stft, and the signal back from it."""

import math

import torch


def magnitudes(signal: torch.Tensor, *, n_fft: int) -> torch.Tensor:
    """Signal (N,) to magnitudes (n_fft // 2 + 1, frames)."""
    window = torch.hann_window(n_fft)
    return torch.stft(signal, n_fft, window=window, return_complex=True).abs()


if __name__ == "__main__":
    rate, tone, n_fft = 800, 100, 64
    time = torch.arange(rate) / rate
    signal = torch.sin(2 * math.pi * tone * time)  # one second (800,)
    spectrum = magnitudes(signal, n_fft=n_fft)  # (33, 51)
    assert spectrum.shape == (33, 51)
    assert spectrum.mean(dim=1).argmax() == tone * n_fft // rate  # bin 8 holds 100 Hz

    window = torch.hann_window(n_fft)
    values = torch.stft(signal, n_fft, window=window, return_complex=True)
    pairs = torch.view_as_real(values)  # (33, 51, 2): what return_complex=False gave
    torch.testing.assert_close(pairs.square().sum(-1).sqrt(), spectrum)
    torch.testing.assert_close(torch.istft(values, n_fft, window=window, length=rate), signal, atol=1e-5, rtol=0)
    print(f"loudest: {spectrum.mean(dim=1).argmax().item() * rate / n_fft:.0f} Hz")
