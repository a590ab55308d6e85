"""Wrong: a sound shorter than one frame; tf.signal.stft pads nothing, and nothing comes out."""

import numpy as np
import tensorflow as tf

click = np.random.default_rng(0).normal(size=(1, 400)).astype("float32")  # 25 ms at 16 kHz
spectrum = tf.signal.stft(click, 512, 160)  # wrong: pad first, or pad_end=True
assert spectrum.shape[1] > 0, f"no frame is left: {tuple(spectrum.shape)}"
