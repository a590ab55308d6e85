# /// pattern
# id = "tf.compression.quantize-int8"
# topic = "compression.quantisation"
# twin = "pt.compression.weight-only-int8"
# questions = [
#   "keras quantize int8",
#   "model.quantize keras 3 example",
#   "Layer InputLayer does not have a quantize method implemented",
#   "tensorflow model optimization quantize_model replacement",
#   "which layers does keras quantize",
#   "smaller keras model int8 weights",
#   "Cannot quantize a layer that isn't yet built",
#   "keras quantise int 8 accuray",
# ]
# errors = [
#   "ValueError: Cannot quantize a layer that isn't yet built.",
#   "UserWarning: Layer Conv2D does not have a `quantize` method implemented.",
#   "is already quantized with dtype_policy='int8_from_float32'",
# ]
# apis = ["keras.Model.quantize", "keras.Model.save", "keras.saving.load_model"]
# replaces = ["tfmot.quantization.keras.quantize_model", "tf.quantization.quantize"]
# why = """quantize("int8") turns the trained kernels of Dense, EinsumDense and Embedding layers into int8 with a scale
# for each output, in place: a quarter of the bytes. Layers that it does not know stay float32 and are only warned of:
# of a convolutional network little changes, so count the bytes."""
# pitfalls = """It cannot be undone, and the int8 kernels are trained no more: train first, keep the float model.
# Measure the accuracy after it, on the machine's own data."""
# when_not = "Convolutions, phones and microcontrollers: LiteRT's converter with a representative data set."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the convolution is still float32"
# ///
"""Int8 weights in Keras: quantize a trained model, count its bytes, compare its answers, save and load it."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import load_digits


def weight_bytes(model: keras.Model) -> int:
    """Bytes of all weights, by their types."""
    return sum(np.dtype(weight.dtype).itemsize * int(np.prod(weight.shape)) for weight in model.weights)


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own code, Keras about its input layer.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="Layer InputLayer does not have a `quantize` method")
    keras.utils.set_random_seed(0)
    digits = load_digits()
    x, y = (digits.data / 16).astype("float32"), digits.target
    layers = [keras.layers.Dense(128, "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape=(64,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"], jit_compile=False)
    model.fit(x[:1400], y[:1400], epochs=5, batch_size=64, verbose=0)
    kernel = model.layers[0].get_weights()[0]  # (64, 128) float32
    accuracy, size, logits = model.evaluate(x[1400:], y[1400:], verbose=0)[1], weight_bytes(model), model(x[1400:])

    model.quantize("int8")
    dense = model.layers[0]
    assert str(dense.kernel.dtype) == "int8"
    scale = 127 / np.abs(kernel).max(axis=0)  # (128,): one for each output
    by_hand = np.round(kernel * scale)
    assert np.abs(keras.ops.convert_to_numpy(dense.kernel).astype("float32") - by_hand).max() <= 1
    error = np.abs(model(x[1400:]) - logits).max() / np.abs(logits).max()
    after = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
    ratio = weight_bytes(model) / size
    print(f"accuracy {accuracy:.3f} -> {after:.3f}, bytes x {ratio:.2f}, logits off by {error:.1%} of the largest")
    assert ratio < 0.32 and abs(after - accuracy) < 0.02 and error < 0.05

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "int8.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, compile=False)
    assert str(loaded.layers[0].kernel.dtype) == "int8"
    assert np.allclose(loaded(x[:50]), model(x[:50]), atol=1e-5)
