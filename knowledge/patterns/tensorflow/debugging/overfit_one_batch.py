# /// pattern
# id = "tf.debugging.overfit-one-batch"
# topic = "debugging.training"
# twin = "pt.debugging.overfit-one-batch"
# questions = [
#     "model cannot even memorise a few samples",
#     "overfit a single batch as a sanity check keras",
#     "keras model does not learn anything",
#     "loss does not decrease in fit, how to find the bug",
#     "what should the loss be at the start keras",
#     "accuracy stuck at chance level tensorflow",
#     "netwrok not learning keras",
# ]
# apis = ["keras.models.clone_model", "keras.Model.train_on_batch", "keras.Model.test_on_batch"]
# why = """Any network that is big enough can learn one small batch by heart. If it cannot, the fault is in the code
# and not in the data's difficulty: labels that do not belong to the inputs, a wrong last layer, a loss of another
# kind. The first loss tells too: log K for K classes when nothing is known yet."""
# pitfalls = """Dropout can keep the loss up; clone_model builds fresh weights and a dropout of 0 in its place. A batch
# of 8 to 32 is enough."""
# when_not = "As a substitute for validation: it says that training works, not that it generalises."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: cannot learn even one batch"
# ///
"""Can this model learn one batch by heart? Ask before the long run."""

import math

import keras
import numpy as np


def without_dropout(layer: keras.Layer) -> keras.Layer:
    """The same layer made anew; dropout does nothing."""
    config = layer.get_config()
    return type(layer).from_config(config | {"rate": 0.0} if isinstance(layer, keras.layers.Dropout) else config)


def overfit_one_batch(
    model: keras.Model, inputs: np.ndarray, labels: np.ndarray, *, steps: int = 150, learning_rate: float = 1e-2
) -> tuple[float, float]:
    """First and last cross entropy of a fresh copy of the model trained on this batch alone; labels are integers."""
    model = keras.models.clone_model(model, clone_function=without_dropout)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss, jit_compile=False)
    first = float(model.test_on_batch(inputs, labels))
    for _ in range(steps):
        model.train_on_batch(inputs, labels)
    return first, float(model.test_on_batch(inputs, labels))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    classes = 10
    inputs, labels = rng.normal(size=(16, 32)).astype("float32"), rng.integers(0, classes, size=16)  # noise
    model = keras.Sequential(
        [
            keras.Input((32,)),
            keras.layers.Dense(64, activation="relu", kernel_initializer="he_normal"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(classes, kernel_initializer=keras.initializers.RandomNormal(stddev=0.05)),
        ]
    )
    before = model.get_weights()
    first, last = overfit_one_batch(model, inputs, labels)
    assert abs(first - math.log(classes)) < 0.3, "the first loss should be that of a guess"
    assert last < 0.05, "the batch could not be learnt: look for a fault in the code"
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    print(f"loss {first:.2f} (log {classes} is {math.log(classes):.2f}) -> {last:.4f}")
