# /// pattern
# id = "tf.evaluation.classification"
# topic = "train.evaluation"
# role = "evaluation"
# provides = "classification"
# entry = "evaluate"
# twin = "pt.evaluation.classification"
# questions = [
#     "evaluate a keras classifier on the test set",
#     "model.evaluate return_dict loss and accuracy",
#     "sparse categorical accuracy from logits",
#     "accuracy wrong with from_logits binary",
#     "compute test accuracy tensorflow",
#     "evalute model keras",
# ]
# errors = ["KeyError: 'accuracy'"]
# apis = ["keras.Model.evaluate"]
# replaces = ["predict_classes", "evaluate_generator"]
# why = """model.evaluate weighs batches by their size, so a short last batch does not distort the loss, and it runs
# layers in inference mode. SparseCategoricalAccuracy takes the largest logit; binary accuracy compares with 0.5, which
# is wrong for a logit."""
# pitfalls = "A single-logit head needs keras.metrics.BinaryAccuracy(threshold=0.0)."
# when_not = "Classes of very different size: accuracy hides the rare ones; see tf.metrics.confusion-matrix."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: logits were compared with 0.5"
# ///
"""Loss and accuracy of a classifier that was compiled with metrics=["accuracy"]."""

import keras
import numpy as np
import tensorflow as tf


def evaluate(model: keras.Model, dataset: tf.data.Dataset) -> dict[str, float]:
    """Mean loss and accuracy over all samples of a dataset of batches (x, labels)."""
    scores = model.evaluate(dataset, return_dict=True, verbose=0)
    return {"loss": float(scores["loss"]), "accuracy": float(scores["accuracy"])}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(100, 4)).astype("float32"), rng.integers(0, 3, size=100)
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dropout(0.5), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"], jit_compile=False)
    dataset = tf.data.Dataset.from_tensor_slices((x, labels)).batch(32)  # the last batch has 4 samples
    scores = evaluate(model, dataset)
    logits = np.asarray(model(x))
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    print(scores)
    assert np.isclose(scores["loss"], -log_probabilities[np.arange(100), labels].mean(), atol=1e-5)
    assert np.isclose(scores["accuracy"], (logits.argmax(axis=1) == labels).mean())
