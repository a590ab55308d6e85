# /// pattern
# id = "tf.migration.predict-classes"
# topic = "migration.predict"
# questions = [
#   "Sequential object has no attribute predict_classes",
#   "get class labels from model.predict keras",
#   "predict_proba keras removed",
#   "predicted class of a sigmoid output",
#   "predict_classes replacement tensorflow",
#   "predict_clases attribute error",
# ]
# errors = [
#   "AttributeError: 'Sequential' object has no attribute 'predict_classes'",
#   "AttributeError: 'Sequential' object has no attribute 'predict_proba'",
# ]
# apis = ["keras.Model.predict"]
# replaces = ["predict_classes", "predict_proba"]
# why = """predict gives the model's outputs, and the class follows from what they are: argmax over classes, or a
# threshold for one sigmoid: 0.5 for probabilities, 0 for logits."""
# pitfalls = "argmax over a single sigmoid column is always 0."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: 'Sequential' object has no attribute 'predict_classes'"
# ///
"""From the outputs of a Keras classifier to class labels."""

import keras
import numpy as np


def classes(outputs: np.ndarray, *, threshold: float = 0.5) -> np.ndarray:
    """(N, C) logits or probabilities, or (N, 1) of a binary model, to class indices (N,).

    For binary logits the threshold is 0.
    """
    if outputs.shape[-1] == 1:
        return (outputs[:, 0] > threshold).astype("int64")
    return outputs.argmax(axis=-1)


if __name__ == "__main__":
    x = np.array([[2.0, -1.0], [-3.0, 1.0], [0.1, 0.3]], "float32")
    identity = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Activation("softmax")])
    assert classes(identity.predict(x, verbose=0)).tolist() == [0, 1, 1]

    logit = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1, use_bias=False)])
    logit.layers[0].set_weights([np.array([[1.0], [0.0]])])  # the logit is the first feature
    logits = logit.predict(x, verbose=0)  # (3, 1)
    assert classes(logits, threshold=0.0).tolist() == [1, 0, 1]
    probabilities = np.asarray(keras.ops.sigmoid(logits))
    assert classes(probabilities).tolist() == [1, 0, 1]
    assert logits.argmax(axis=-1).tolist() == [0, 0, 0]  # of one column: says nothing
    print(f"probabilities {probabilities[:, 0].round(2).tolist()} -> {classes(probabilities).tolist()}")
