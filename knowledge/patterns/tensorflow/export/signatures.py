# /// pattern
# id = "tf.export.signatures"
# topic = "export.serving"
# twin = "pt.export.dynamic-shapes"
# questions = [
#   "SavedModel with several signatures",
#   "keras ExportArchive add_endpoint",
#   "put preprocessing into the exported model",
#   "return probabilities and class names from an exported model",
#   "input_signature for tensorflow serving",
#   "export a model with a fixed batch size or dtype",
#   "loaded SavedModel wrong input shape or name",
#   "serving_default signatur keras",
# ]
# errors = ["TypeError: Binding inputs to tf.function failed due to"]
# apis = ["keras.export.ExportArchive", "tf.saved_model.load", "tf.TensorSpec"]
# replaces = ["tf.saved_model.save(model, signatures=)", "model.save('folder', signatures=)",
#   "tf.saved_model.signature_def_utils.build_signature_def"]
# why = """A client has raw values and wants an answer: what lies between, the scaling before and the softmax after, is
# part of the model and belongs into the file. An ExportArchive writes named endpoints, each with the signature it
# takes; what does not fit the signature is refused."""
# pitfalls = """A NumPy array of another type is cast to the signature's without a word: hand over tensors. Track the
# model first, so that its weights are written. Only TensorFlow operations run there: no NumPy, no Python decisions on
# values."""
# when_not = "One endpoint that is the model itself: model.export(folder)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the served model was given raw pixels"
# ///
"""A SavedModel with its preprocessing inside and two endpoints: scores for people, features for search."""

import tempfile
import warnings

import keras
import numpy as np
import tensorflow as tf

CLASSES = ("cat", "dog", "fish")


def export(model: keras.Model, features: keras.Model, folder: str) -> None:
    """Endpoints `classify` and `embed`, both for pixels (B, 8, 8) of 0 to 255."""
    pixels = tf.TensorSpec((None, 8, 8), tf.uint8, name="pixels")

    def scale(values: tf.Tensor) -> tf.Tensor:
        return tf.cast(values, tf.float32) / 255.0

    def classify(pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = tf.nn.softmax(model(scale(pixels), training=False))
        best = tf.argmax(probabilities, axis=1)
        return {"probabilities": probabilities, "label": tf.gather(tf.constant(CLASSES), best)}

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("classify", fn=classify, input_signature=[pixels])
    archive.add_endpoint("embed", fn=lambda pixels: features(scale(pixels), training=False), input_signature=[pixels])
    archive.write_out(folder, verbose=False)


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(8, 8))
    hidden = keras.layers.Dense(16, "relu")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Dropout(0.5)(hidden)))
    images = np.random.default_rng(0).integers(0, 256, size=(5, 8, 8), dtype="uint8")
    with tempfile.TemporaryDirectory() as folder:
        export(model, keras.Model(inputs, hidden), folder)
        served = tf.saved_model.load(folder)
        for batch in (images, images[:1]):  # any batch size
            logits = model.predict(batch / 255.0, verbose=0)
            expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            answer = served.classify(batch)
            assert np.allclose(answer["probabilities"], expected, atol=1e-5)
            names = [name.decode() for name in answer["label"].numpy()]
            assert names == [CLASSES[index] for index in expected.argmax(axis=1)]
        assert served.embed(images).shape == (5, 16)
        by_name = served.signatures["classify"](pixels=tf.constant(images))  # as TensorFlow Serving calls it
        assert set(by_name) == {"probabilities", "label"}
        refused = 0
        for misfit in (tf.constant(images / 255.0), tf.constant(images[:, :4])):  # another type, another shape
            try:
                served.classify(misfit)
            except (TypeError, ValueError):
                refused += 1
        assert refused == 2
        as_array = served.classify(images / 255.0)["probabilities"]  # a NumPy array is cast, to 0 and 1
        assert np.allclose(as_array, served.classify((images / 255.0).astype("uint8"))["probabilities"])
    print(names, "endpoints:", sorted(served.signatures))
