# /// pattern
# id = "tf.metrics.confusion-matrix"
# topic = "metrics.classification"
# twin = "pt.metrics.confusion-matrix"
# questions = [
#     "confusion matrix tensorflow",
#     "F1Score with integer labels keras",
#     "precision recall f1 per class keras",
#     "FBetaScore expects 2D inputs with shape (batch_size, output_dim)",
#     "macro or micro or weighted f1 keras",
#     "mean iou keras from logits",
#     "confussion matrix f1 tf",
# ]
# errors = ["""ValueError: FBetaScore expects 2D inputs with shape (batch_size, output_dim). Received input shapes: \
# y_pred.shape=(2, 2) and y_true.shape=(2,)."""]
# apis = ["keras.metrics.F1Score", "tf.math.confusion_matrix", "keras.ops.one_hot"]
# replaces = ["tf.confusion_matrix", "tfa.metrics.F1Score", "keras.metrics.Precision for several classes"]
# why = """F1Score wants one-hot targets. One metric that sums the confusion matrix over the epoch takes class numbers,
# and gives precision, recall and F1 of each class from its rows and columns."""
# pitfalls = """keras.metrics.Precision and Recall are for 0/1 targets: fed with several classes' numbers they mean
# something else. With one label per sample micro-F1 is just the accuracy. The mean of intersection over union:
# keras.metrics.MeanIoU."""
# when_not = "Hundreds of classes: the table is unreadable; list the pairs that are confused most."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ValueError: FBetaScore expects 2D inputs with shape (batch_size, output_dim)"
# ///
"""Macro F1 over an epoch from class numbers, and the confusion matrix it comes from."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable()
class MacroF1(keras.metrics.Metric):
    """Class numbers (N,) or (N, 1) and scores (N, K); the mean of the classes' F1, 0 for a class never seen."""

    def __init__(self, num_classes: int, *, name: str = "macro_f1", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.num_classes = num_classes
        self.matrix = self.add_variable((num_classes, num_classes), initializer="zeros", name="matrix")

    def update_state(self, y_true: KerasTensor, y_pred: KerasTensor, sample_weight: KerasTensor | None = None) -> None:
        truth = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), self.num_classes)  # (N, K)
        if sample_weight is not None:
            truth = truth * ops.reshape(sample_weight, (-1, 1))
        predicted = ops.one_hot(ops.argmax(y_pred, axis=-1), self.num_classes)  # (N, K)
        self.matrix.assign_add(ops.matmul(ops.transpose(truth), predicted))  # rows are the truth

    def per_class(self) -> KerasTensor:
        """F1 of each class (K,)."""
        marked = ops.sum(self.matrix, axis=0) + ops.sum(self.matrix, axis=1)
        return 2 * ops.diagonal(self.matrix) / ops.maximum(marked, 1)

    def result(self) -> KerasTensor:
        return ops.mean(self.per_class())

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"num_classes": self.num_classes}


if __name__ == "__main__":
    from sklearn import metrics

    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, size=200)
    logits = (rng.normal(size=(200, 3)) + 1.5 * np.eye(3)[truth]).astype("float32")
    predicted = logits.argmax(axis=1)

    f1 = MacroF1(3)
    for start in range(0, 200, 64):
        f1.update_state(truth[start : start + 64], logits[start : start + 64])
    np.testing.assert_array_equal(f1.matrix, metrics.confusion_matrix(truth, predicted))
    np.testing.assert_array_equal(f1.matrix, tf.math.confusion_matrix(truth, predicted))
    np.testing.assert_allclose(f1.per_class(), metrics.f1_score(truth, predicted, average=None), rtol=1e-5)
    assert abs(float(f1.result()) - metrics.f1_score(truth, predicted, average="macro")) < 1e-5

    built_in = keras.metrics.F1Score(average="macro")
    built_in.update_state(np.eye(3)[truth], logits)  # one-hot targets
    assert abs(float(built_in.result()) - float(f1.result())) < 1e-5
    print(np.asarray(f1.matrix), float(f1.result()))
