# /// pattern
# id = "tf.metrics.top-k"
# topic = "metrics.classification"
# twin = "pt.metrics.top-k"
# questions = [
#     "top 5 accuracy keras",
#     "SparseTopKCategoricalAccuracy or TopKCategoricalAccuracy",
#     "top k accuracy with integer labels keras",
#     "recall at k for retrieval tensorflow",
#     "keras.ops.in_top_k",
#     "topk acuracy keras",
# ]
# apis = ["keras.metrics.SparseTopKCategoricalAccuracy", "keras.metrics.TopKCategoricalAccuracy", "keras.ops.in_top_k"]
# replaces = ["keras.metrics.top_k_categorical_accuracy", "tf.nn.in_top_k"]
# why = """The sparse metric takes class numbers, the other one one-hot rows; both take logits as they are, since only
# the order counts. k is 5 unless stated, which with ten classes half of all guesses reach."""
# pitfalls = """By name, metrics=["top_k_categorical_accuracy"] wants one-hot labels and k=5: make the object, with k
# in its name."""
# when_not = "Few classes: plain accuracy."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a model that knows nothing"
# ///
"""Top-1 and top-3 accuracy over an epoch, from integer labels and logits."""

import keras
import numpy as np
from keras import ops


def accuracy_metrics(*ks: int) -> list[keras.metrics.Metric]:
    """One metric for each k, for integer labels."""
    return [keras.metrics.SparseTopKCategoricalAccuracy(k=k, name=f"top_{k}") for k in ks]


if __name__ == "__main__":
    from sklearn.metrics import top_k_accuracy_score

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 20, size=300)
    logits = (rng.normal(size=(300, 20)) + 1.5 * np.eye(20)[labels]).astype("float32")

    model = keras.Sequential([keras.Input((20,)), keras.layers.Identity()])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=accuracy_metrics(1, 3), jit_compile=False)
    results = model.evaluate(logits, labels, batch_size=128, verbose=0, return_dict=True)
    for k in (1, 3):
        assert abs(results[f"top_{k}"] - top_k_accuracy_score(labels, logits, k=k)) < 1e-6

    one_hot = keras.metrics.TopKCategoricalAccuracy(k=3)
    assert abs(float(one_hot(np.eye(20)[labels], logits)) - results["top_3"]) < 1e-6
    assert abs(float(ops.mean(ops.in_top_k(labels, logits, k=3))) - results["top_3"]) < 1e-6
    print({name: round(value, 3) for name, value in results.items()})
