# /// pattern
# id = "tf.metrics.auc"
# topic = "metrics.classification"
# twin = "pt.metrics.auc"
# questions = [
#     "area under the curve differs from sklearn",
#     "roc auc metric keras",
#     "keras AUC is different from sklearn roc_auc_score",
#     "AUC from logits keras",
#     "precision recall auc keras curve='PR'",
#     "auc stays at 0.5 keras",
#     "multi label auc keras",
#     "acu metric tensorflow",
# ]
# errors = ["InvalidArgumentError: predictions must be <= 1", "InvalidArgumentError: predictions must be >= 0"]
# apis = ["keras.metrics.AUC", "keras.losses.BinaryCrossentropy"]
# replaces = ["tf.metrics.auc", "keras AUC callback with sklearn"]
# why = """keras.metrics.AUC counts at 200 thresholds between 0 and 1 instead of sorting: it can be summed batch by
# batch, and is an approximation. Logits lie outside of those thresholds: from_logits=True applies the sigmoid
# first."""
# pitfalls = """Where the model is sure, most probabilities share one threshold, and the figure is off by much more:
# the demo measures it. Report the exact one from all predictions at the end."""
# when_not = "A final figure for a paper: sklearn.metrics.roc_auc_score on model.predict."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: AUC of logits"
# ///
"""AUC while training, from logits, and how far it is from the exact figure."""

import keras
import numpy as np
from sklearn.metrics import roc_auc_score


def auc_metrics() -> list[keras.metrics.Metric]:
    """Areas under the ROC and the precision-recall curve, for logits (N, 1) and 0/1 targets (N, 1)."""
    return [
        keras.metrics.AUC(from_logits=True, name="auc"),
        keras.metrics.AUC(curve="PR", from_logits=True, name="pr_auc"),
    ]


def exact_auc(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """From all predictions together; ranks alone decide, so logits will do."""
    return float(roc_auc_score(y[:, 0], model.predict(x, verbose=0)[:, 0]))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    y = (rng.random((2000, 1)) < 0.1).astype("int32")
    x = (rng.normal(size=(2000, 1)) + 1.5 * y).astype("float32")

    model = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(1.0)])  # the logit is x
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=auc_metrics(), jit_compile=False)
    _, auc, pr_auc = model.evaluate(x, y, batch_size=128, verbose=0)
    exact = exact_auc(model, x, y)
    assert abs(auc - exact) < 0.002
    assert 0.1 < pr_auc < auc  # the PR curve of a guess lies at the share of positives, not at 0.5

    def error_of(scale: float) -> float:
        metric = keras.metrics.AUC(from_logits=True)
        return abs(float(metric(y, scale * x)) - roc_auc_score(y, x))  # scaling changes no ranks

    assert error_of(1) < 0.002 and error_of(20) > 5 * error_of(1)
    print(f"AUC {auc:.4f}, exact {exact:.4f}; error with logits 20 times as large: {error_of(20):.4f}")
