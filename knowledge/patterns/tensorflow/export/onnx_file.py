# /// pattern
# id = "tf.export.onnx-file"
# topic = "export.onnx"
# questions = [
#     "export a keras model to onnx",
#     "model.export format onnx",
#     "convert a .keras file to onnx without tf2onnx",
#     "run a keras model with onnxruntime",
#     "This requires the tf2onnx module",
#     "check that onnx output equals keras predictions",
#     "keras onnx dynamic batch size",
#     "tensorflow to onnx converion",
# ]
# errors = [
#     "ImportError: This requires the tf2onnx module. You can install it via `pip install tf2onnx`",
#     "ValueError: The model provided has never called.",
# ]
# apis = ["onnxruntime.InferenceSession", "onnx.checker.check_model", "keras.Model.save", "subprocess.run"]
# replaces = ["tf2onnx.convert.from_keras", "keras2onnx"]
# why = """A .keras file belongs to no backend. On TensorFlow, export(format="onnx") needs the package tf2onnx; with
# KERAS_BACKEND=torch the same file is loaded on PyTorch, whose own exporter writes the graph, with an open batch
# dimension. Whoever gets the file needs neither: the proof is that onnxruntime gives the same numbers."""
# pitfalls = """The variable counts only before keras is imported: hence the process of its own. Layers that call
# tf functions do not load on another backend: keras.ops instead. Compare on real inputs, and on another batch size."""
# when_not = "It is served by TensorFlow: a SavedModel (tf.export.saved-model). On phones: LiteRT."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ImportError: This requires the tf2onnx module"
# ///
"""A .keras file as ONNX: loaded on the PyTorch backend, exported, and compared in onnxruntime."""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime

CONVERT = """
import sys
import keras, numpy
model = keras.saving.load_model(sys.argv[1], compile=False)
model(numpy.zeros((1, *model.input_shape[1:]), "float32"))  # what was never called is not exported
model.export(sys.argv[2], format="onnx", verbose=False)
"""


def to_onnx(source: Path, target: Path) -> None:
    """Write the model of a .keras file as a checked ONNX file, by a process of its own on the PyTorch backend."""
    command = [sys.executable, "-c", CONVERT, str(source), str(target)]
    subprocess.run(command, env=os.environ | {"KERAS_BACKEND": "torch"}, check=True, timeout=100)
    onnx.checker.check_model(target)


def run(path: Path, x: np.ndarray) -> np.ndarray:
    """Outputs of an ONNX file with one input and one output, by onnxruntime alone."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {session.get_inputs()[0].name: x})
    return answer


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "model.keras", Path(folder) / "model.onnx"
        model.save(source)
        to_onnx(source, target)
        for batch in (1, 5):  # the batch dimension is open
            x = np.random.default_rng(batch).normal(size=(batch, 8, 8, 1)).astype("float32")
            answer = run(target, x)
            assert answer.shape == (batch, 3)
            np.testing.assert_allclose(answer, model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
        print(f"{target.stat().st_size} bytes, the same numbers as Keras")
