# /// pattern
# id = "tf.metrics.custom-metric"
# topic = "metrics.custom"
# twin = "pt.metrics.epoch-metric"
# questions = [
#     "write a custom metric in keras",
#     "keras.metrics.Metric subclass update_state result",
#     "f1 metric as a function is averaged over batches",
#     "metric over the whole epoch keras",
#     "metric must be reset every epoch",
#     "reset_states missing in keras 3",
#     "custum metric tensorflow f1",
# ]
# errors = ["AttributeError: 'BinaryF1' object has no attribute 'reset_states'"]
# apis = ["keras.metrics.Metric", "keras.metrics.Metric.add_variable"]
# replaces = ["reset_states", "tfa.metrics.F1Score", "metric functions", "keras.metrics.Metric.add_weight"]
# why = """A function in metrics=[...] is averaged over batches; F1, a ratio of sums, then comes out as another number,
# and batches without positives drag it down. A Metric holds counts that are summed over the epoch and divided once."""
# pitfalls = """evaluate and fit reset the state before each epoch; in a loop of your own call reset_state. Use
# keras.ops inside: update_state is traced."""
# when_not = "keras.metrics has it: F1Score, Precision, Recall, AUC."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the mean of the batches' F1"
# ///
"""A metric of one's own: F1 of a whole epoch, from counts that are summed batch by batch."""

import keras
import numpy as np
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable()
class BinaryF1(keras.metrics.Metric):
    """Targets of 0 and 1 and predictions of one shape; positive is what lies above the threshold, 0 for logits."""

    def __init__(self, *, threshold: float = 0.0, name: str = "f1", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.threshold = threshold
        self.hits = self.add_variable((), initializer="zeros", name="hits")
        self.marked = self.add_variable((), initializer="zeros", name="marked")  # predicted plus true positives

    def update_state(self, y_true: KerasTensor, y_pred: KerasTensor, sample_weight: KerasTensor | None = None) -> None:
        true = ops.cast(y_true, "float32")
        predicted = ops.cast(y_pred > self.threshold, "float32")
        weight = 1.0 if sample_weight is None else ops.reshape(sample_weight, (-1, 1))
        self.hits.assign_add(ops.sum(weight * true * predicted))
        self.marked.assign_add(ops.sum(weight * (true + predicted)))

    def result(self) -> KerasTensor:
        return 2 * self.hits / ops.maximum(self.marked, 1e-7)

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"threshold": self.threshold}


if __name__ == "__main__":
    from sklearn.metrics import f1_score

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    y = (rng.random((1000, 1)) < 0.05).astype("int32")  # one in twenty
    x = (rng.normal(size=(1000, 1)) + 3 * y - 1.5).astype("float32")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=[BinaryF1()], jit_compile=False)

    whole = f1_score(y[:, 0], x[:, 0] > 0)
    for _ in range(2):  # the second time must not remember the first
        assert abs(model.evaluate(x, y, batch_size=32, verbose=0)[1] - whole) < 1e-5
    weights = (np.arange(1000) < 500).astype("float32")
    metric = BinaryF1()
    metric.update_state(y, x, sample_weight=weights)
    assert abs(float(metric.result()) - f1_score(y[:500, 0], x[:500, 0] > 0)) < 1e-5
    print(f"F1 {whole:.3f}")
