# /// pattern
# id = "tf.model.dropout"
# topic = "model.layers"
# twin = "pt.model.dropout"
# questions = [
#   "dropout in a subclassed keras model",
#   "create a Dropout layer inside call fails in fit",
#   "if training: x = Dropout(0.5)(x)",
#   "model subclassing with dropout tf.function only supports singleton variables",
#   "does dropout need the training argument in keras",
#   "dropout scales the other values why",
#   "droput in call method keras",
# ]
# errors = ["ValueError: Exception encountered when calling CustomModel.call().",
#   "tf.function only supports singleton tf.Variables created on the first call."]
# apis = ["keras.layers.Dropout", "keras.Model.call"]
# replaces = ["tf.keras.layers.Dropout(0.5)(x) inside call", "tf.nn.dropout(keep_prob=)", "if training:"]
# why = """A Dropout layer owns the state of a random generator, which is a variable. Made in call() it is a new
# variable in each trace, and fit stops; eagerly the same code runs, which is why such examples look right. Made in
# __init__ it is one layer, tracked and saved, that looks at training itself: no `if` is needed."""
# pitfalls = """model(x) is inference: outside fit pass training=True yourself. What stays is divided by 1 - rate, so
# the mean is kept and nothing is to be scaled at inference."""
# when_not = "Between convolutions: SpatialDropout2D, which drops whole channels."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: tf.function only supports singleton tf.Variables created on the first call"
# ///
"""Dropout in a subclassed model: the layer is made once, in __init__, and told whether the model trains."""

import keras
import numpy as np


class Classifier(keras.Model):
    """Features (B, D) to logits (B, classes)."""

    def __init__(self, hidden: int, classes: int, *, rate: float) -> None:
        super().__init__()
        self.hidden = keras.layers.Dense(hidden, activation="relu")
        self.dropout = keras.layers.Dropout(rate)
        self.head = keras.layers.Dense(classes)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        x = self.hidden(inputs)  # (B, hidden)
        return self.head(self.dropout(x, training=training))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(256, 8)).astype("float32")
    y = x[:, :3].argmax(axis=1)
    model = Classifier(64, 3, rate=0.25)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"], jit_compile=False)
    history = model.fit(x, y, epochs=8, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]

    same = [model(x[:4]).numpy() for _ in range(2)]  # inference: nothing is dropped
    drawn = [model(x[:4], training=True).numpy() for _ in range(2)]
    assert np.array_equal(*same) and not np.array_equal(*drawn)

    ones = np.ones((1000, 100), "float32")
    dropped = model.dropout(ones, training=True).numpy()
    assert abs((dropped == 0).mean() - 0.25) < 0.02 and abs(dropped.mean() - 1) < 0.02
    assert np.allclose(dropped[dropped > 0], 1 / (1 - 0.25))
    print(f"accuracy {history['accuracy'][-1]:.2f}, dropped {(dropped == 0).mean():.3f}")
