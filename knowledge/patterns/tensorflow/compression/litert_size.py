# /// pattern
# id = "tf.compression.litert-size"
# topic = "compression.quantisation"
# questions = [
#   "how much smaller does tflite make my model",
#   "are tflite models 75% smaller and 3x faster",
#   "converter.optimizations DEFAULT does not reduce size",
#   "dynamic range quantization keras example",
#   "convert keras model to tflite and compare size and latency",
#   "tflite float16 or int8 weights",
#   "h5 file three times as large as the weights",
#   "tflite quantisation no size diference",
# ]
# apis = ["tf.lite.TFLiteConverter.from_keras_model", "tf.lite.Optimize.DEFAULT", "tf.lite.Interpreter",
#   "keras.Model.save"]
# replaces = ["tf.lite.Optimize.OPTIMIZE_FOR_SIZE", "tf.lite.Optimize.OPTIMIZE_FOR_LATENCY", "model.save('model.h5')"]
# why = """Conversion alone keeps every weight in float32; what shrinks against a saved Keras file is the optimizer's
# state, two numbers a weight with Adam. Optimize.DEFAULT without samples writes weights as int8, a quarter of the
# bytes, but only tensors of at least 1,024 elements: a small model stays as it was, byte for byte. Accuracy is measured
# through the interpreter. The program prints the latency of each; a general "3x faster" was not found."""
# pitfalls = """Compare with the bytes of the weights, 4 for each, not with a .keras or .h5 file that holds an
# optimizer. from_keras_model writes what it does to stdout: send it elsewhere if you print results."""
# when_not = "Hardware without floating point: full int8 with representative samples."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: not smaller"
# ///
"""What LiteRT (TensorFlow Lite) saves, measured: bytes, accuracy and time, as float32, float16 and int8 weights."""

import contextlib
import io
import tempfile
import time
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits


def convert(model: keras.Model, *, weights: str) -> bytes:
    """The model as a LiteRT file, weights as "float32", "float16" or "int8"; computation in float32 throughout."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if weights != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if weights == "float16":
        converter.target_spec.supported_types = [tf.float16]
    with contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()


def run(file: bytes, inputs: np.ndarray) -> tuple[np.ndarray, float]:
    """Outputs (N, K), and the median seconds of one sample."""
    interpreter = tf.lite.Interpreter(model_content=file)  # from ai_edge_litert.interpreter, where that is installed
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    outputs, seconds = [], []
    for sample in inputs:
        start = time.perf_counter()
        interpreter.set_tensor(source, sample[None])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target)[0])
        seconds.append(time.perf_counter() - start)
    return np.array(outputs), float(np.median(seconds))


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype("float32")  # (1797, 64)
    hidden = [keras.layers.Dense(256, "relu"), keras.layers.Dense(256, "relu")]
    model = keras.Sequential([keras.Input(shape=(64,)), *hidden, keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, jit_compile=False)
    model.fit(x[:1400], y[:1400], epochs=8, verbose=0)
    expected = model.predict(x[1400:], verbose=0)

    weight_bytes = 4 * model.count_params()
    with tempfile.TemporaryDirectory() as folder:
        model.save(path := Path(folder) / "model.keras")
        saved = path.stat().st_size
    assert saved > 2.5 * weight_bytes  # Adam's two moments of each weight

    files = {kind: convert(model, weights=kind) for kind in ("float32", "float16", "int8")}
    for kind, file in files.items():
        logits, seconds = run(file, x[1400:])
        accuracy = (logits.argmax(axis=1) == y[1400:]).mean()
        assert abs(accuracy - (expected.argmax(axis=1) == y[1400:]).mean()) < 0.02
        print(
            f"{kind:8} {len(file) / weight_bytes:.2f} of the weights, {seconds * 1e6:4.0f} us, accuracy {accuracy:.3f}"
        )
    shares = [len(file) / weight_bytes for file in files.values()]
    assert 1 < shares[0] < 1.1 and 0.5 < shares[1] < 0.6 and 0.25 < shares[2] < 0.35
