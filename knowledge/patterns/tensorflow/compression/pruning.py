# /// pattern
# id = "tf.compression.pruning"
# topic = "compression.pruning"
# twin = "pt.compression.pruning"
# questions = [
#   "prune weights in keras 3",
#   "tensorflow model optimization prune_low_magnitude alternative",
#   "magnitude pruning callback keras",
#   "keep pruned weights at zero while training",
#   "sparsity of a keras model",
#   "tfmot does not work with keras 3",
#   "fine-tune after pruning tensorflow",
#   "prunning weights kears",
# ]
# errors = ["ModuleNotFoundError: No module named 'tensorflow_model_optimization'"]
# apis = ["keras.callbacks.Callback", "keras.Layer.kernel", "numpy.quantile"]
# replaces = ["tfmot.sparsity.keras.prune_low_magnitude", "tfmot.sparsity.keras.strip_pruning"]
# why = """A callback cuts the smallest weights of all layers together and sets them to zero again after every step: the
# optimizer, whose moments go on, would let them grow back at once. Training on after the cut wins back most of what it
# cost. Nothing is wrapped, so the model is saved as ever."""
# pitfalls = """Zeros save space only in a compressed file, and time only where whole channels go. Leave the small last
# layer out. Cut in several steps where more than nine tenths are to go."""
# when_not = "Speed on ordinary hardware: remove whole channels, quantise, or train a smaller model."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: of the weights that were cut, 100 % grew back"
# ///
"""Magnitude pruning in Keras 3 with a callback: cut the smallest weights, and hold them at zero."""

import gzip
import warnings

import keras
import numpy as np
from sklearn.datasets import load_digits


class Pruning(keras.callbacks.Callback):
    """Cuts the given share of the kernels' weights, smallest first, and keeps them zero from then on."""

    def __init__(self, layers: list[keras.Layer], *, share: float) -> None:
        super().__init__()
        self.layers, self.share = layers, share
        self.masks: list[np.ndarray] = []

    def on_train_begin(self, logs: dict | None = None) -> None:  # noqa: ARG002
        sizes = [np.abs(keras.ops.convert_to_numpy(layer.kernel)) for layer in self.layers]
        limit = np.quantile(np.concatenate([size.ravel() for size in sizes]), self.share)  # one for all layers
        self.masks = [(size > limit).astype("float32") for size in sizes]
        self.on_train_batch_end(0)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:  # noqa: ARG002
        for layer, mask in zip(self.layers, self.masks, strict=True):
            layer.kernel.assign(layer.kernel * mask)


def sparsity(layers: list[keras.Layer]) -> float:
    """The share of zeros in the kernels."""
    kernels = np.concatenate([keras.ops.convert_to_numpy(layer.kernel).ravel() for layer in layers])
    return float(np.mean(kernels == 0))


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    digits = load_digits()
    x, y = (digits.data / 16).astype("float32"), digits.target
    hidden = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu")]
    model = keras.Sequential([keras.Input(shape=(64,)), *hidden, keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"], jit_compile=False)
    model.fit(x[:1400], y[:1400], epochs=5, batch_size=64, verbose=0)
    whole = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
    packed = len(gzip.compress(b"".join(weights.tobytes() for weights in model.get_weights())))

    model.fit(x[:1400], y[:1400], epochs=5, batch_size=64, verbose=0, callbacks=[Pruning(hidden, share=0.9)])
    pruned = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
    packed_pruned = len(gzip.compress(b"".join(weights.tobytes() for weights in model.get_weights())))
    print(f"accuracy {whole:.2f} -> {pruned:.2f} with {sparsity(hidden):.0%} zeros; packed {packed} -> {packed_pruned}")
    assert abs(sparsity(hidden) - 0.9) < 0.01
    assert pruned > 0.8 and packed_pruned < packed / 3
