# /// pattern
# id = "tf.compression.litert-int8"
# topic = "compression.quantisation"
# questions = [
#   "convert a keras model to tflite int8",
#   "post-training quantization representative dataset",
#   "tf.lite.Interpreter is deprecated use LiteRT",
#   "Cannot set tensor: Got value of type FLOAT32 but expected type INT8",
#   "run a tflite model in python with quantized input",
#   "full integer quantization for microcontroller or edge tpu",
#   "dynamic range quantization tflite",
#   "tflite int 8 quantisation acuracy",
# ]
# errors = [
#   "ValueError: Cannot set tensor: Got value of type FLOAT32 but expected type INT8 for input 0, name:",
#   "UserWarning: Warning: tf.lite.Interpreter is deprecated and is scheduled for deletion in",
# ]
# apis = ["tf.lite.TFLiteConverter", "tf.lite.Optimize", "ai_edge_litert.interpreter.Interpreter"]
# replaces = ["tf.lite.TFLiteConverter.from_keras_model_file", "converter.post_training_quantize",
#   "tfmot.quantization.keras.quantize_model"]
# why = """With samples of real inputs the converter learns the range of every activation, and the whole model computes
# in int8: a quarter of the bytes, and it runs on hardware without floating point. Input and output are then int8 too:
# real = scale * (q - zero_point), with the numbers that the file itself names."""
# pitfalls = """The samples must look like the data of later, preprocessing included. Without them only the weights
# become int8. Measure the accuracy through the interpreter, not in Keras."""
# when_not = "A phone with floating point: weights alone (no representative data set), or float16."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: Cannot set tensor: Got value of type FLOAT32 but expected type INT8"
# ///
"""Post-training quantisation of a Keras model to int8 (LiteRT, once TensorFlow Lite), and running the result."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

try:
    from ai_edge_litert.interpreter import Interpreter  # the successor, a package of its own
except ImportError:
    Interpreter = tf.lite.Interpreter


def convert_int8(model: keras.Model, samples: np.ndarray) -> bytes:
    """The model in int8 throughout; samples (N, ...) of its real inputs set the ranges."""

    def representative() -> Iterator[list[np.ndarray]]:
        yield from ([sample[None]] for sample in samples)

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def predict_int8(file: bytes, inputs: np.ndarray) -> np.ndarray:
    """Real outputs (N, K) for real inputs (N, ...), through int8 and back."""
    interpreter = Interpreter(model_content=file)
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(source["index"], inputs.shape)
    interpreter.allocate_tensors()
    scale, zero_point = source["quantization"]
    quantised = np.clip(np.round(inputs / scale) + zero_point, -128, 127).astype("int8")
    interpreter.set_tensor(source["index"], quantised)
    interpreter.invoke()
    scale, zero_point = target["quantization"]
    return scale * (interpreter.get_tensor(target["index"]).astype("float32") - zero_point)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    digits = load_digits()
    x, y = (digits.images[..., None] / 16).astype("float32"), digits.target  # (1797, 8, 8, 1)
    layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.Flatten()]
    layers += [keras.layers.Dense(64, "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape=(8, 8, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    model.fit(x[:1400], y[:1400], epochs=6, batch_size=64, verbose=0)

    file = convert_int8(model, x[:100])
    floats = 4 * model.count_params()
    logits, quantised = model.predict(x[1400:], verbose=0), predict_int8(file, x[1400:])
    scores = [np.mean(answers.argmax(axis=1) == y[1400:]) for answers in (logits, quantised)]
    off = np.abs(quantised - logits).max() / np.abs(logits).max()
    print(f"accuracy {scores[0]:.3f} -> {scores[1]:.3f}, bytes {floats} -> {len(file)}, logits off by {off:.1%}")
    assert scores[0] > 0.85 and abs(scores[1] - scores[0]) < 0.02
    assert off < 0.3 and len(file) < 0.4 * floats
