# /// pattern
# id = "tf.loss.class-weights"
# topic = "loss.imbalance"
# twin = "pt.loss.class-weights"
# questions = [
#     "class weights keras imbalanced data",
#     "class_weight argument of fit",
#     "rare class is never predicted",
#     "balanced class weights tensorflow",
#     "imbalanced dataset clasification keras",
# ]
# apis = ["keras.Model.fit", "sklearn.utils.class_weight.compute_class_weight"]
# why = """With weights inverse to the class frequencies each class has the same say in the loss: the recall of the rare
# class rises, at the price of false alarms. Accuracy hides both, so the recall per class is measured."""
# pitfalls = """Weighted outputs are no longer probabilities of the true frequencies; weights belong to training, not to
# validation."""
# when_not = """A few rare samples in all: weighting repeats their noise; collect more, or move the threshold on
# validation data."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the rare class is missed"
# ///
"""Class weights for an imbalanced classification."""

import keras
import numpy as np
from sklearn.utils.class_weight import compute_class_weight


def balanced_class_weights(labels: np.ndarray) -> dict[int, float]:
    """Weight of each class, inverse to its frequency among the training labels (N,)."""
    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return {int(label): float(weight) for label, weight in zip(classes, weights, strict=True)}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    labels = (np.arange(2000) % 20 == 0).astype("int64")  # 5% positive
    x = (rng.normal(size=(2000, 2)) + 1.5 * labels[:, np.newaxis]).astype("float32")

    def rare_recall(class_weight: dict[int, float] | None) -> float:
        model = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(2)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=keras.optimizers.Adam(0.05), loss=loss, jit_compile=False)
        model.fit(x, labels, epochs=5, batch_size=100, class_weight=class_weight, verbose=0)
        return float((np.asarray(model(x[labels == 1])).argmax(axis=1) == 1).mean())

    plain, weighted = rare_recall(None), rare_recall(balanced_class_weights(labels))
    print(f"recall of the rare class: {plain:.2f} without weights, {weighted:.2f} with")
    assert weighted > 0.75 and weighted > plain + 0.2
