# /// pattern
# id = "tf.loss.from-logits"
# topic = "loss.classification"
# twin = "pt.loss.cross-entropy"
# questions = [
#     "from_logits=True or softmax in the last layer keras",
#     "should the last Dense have an activation",
#     "binary crossentropy with logits keras",
#     "loss stuck, sigmoid missing in the last layer",
#     "sparse or categorical crossentropy keras",
#     "BinaryAccuracy is wrong for logits",
#     "from logit binarycrossentropy",
# ]
# errors = ["""ValueError: Arguments `target` and `output` must have the same shape. Received: target.shape=(32, 1), \
# output.shape=(32, 10)"""]
# apis = ["keras.losses.BinaryCrossentropy", "keras.metrics.BinaryAccuracy"]
# replaces = ["tf.nn.sigmoid_cross_entropy_with_logits", "loss='binary_crossentropy' on logits"]
# why = """The losses take probabilities unless from_logits=True. Logits are then clipped into (0, 1): whatever lies
# outside has no gradient. From logits the formula is exact; from probabilities it ends at -log(1e-7) = 16.1."""
# pitfalls = """Metrics have thresholds of their own: BinaryAccuracy compares with 0.5, which for logits has to be 0.
# The string "binary_crossentropy" always means probabilities. SparseCategoricalCrossentropy and CategoricalCrossentropy
# have the same argument."""
# when_not = "The model ends in a softmax or sigmoid and must: leave from_logits at False."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: no gradient reaches the certain mistake"
# ///
"""Logits through to the loss, in training and in the metrics, and probabilities for people."""

import keras
import numpy as np
import tensorflow as tf


def compile_binary(model: keras.Model) -> None:
    """For a model that ends in Dense(1) without activation, and targets of 0 and 1 (N, 1)."""
    model.compile(
        optimizer=keras.optimizers.Adam(0.05),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],  # a logit of 0 is a probability of 0.5
        jit_compile=False,
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    logits, targets = tf.constant([[-30.0], [2.0]]), np.array([[1.0], [1.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum")(targets, logits)
    np.testing.assert_allclose(loss, np.log1p(np.exp(30)) + np.log1p(np.exp(-2)), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(loss, logits), 1 / (1 + np.exp([[30.0], [-2.0]])) - 1, rtol=1e-5)

    ending = float(keras.losses.BinaryCrossentropy()(targets[:1], tf.sigmoid(logits[:1])))
    assert abs(ending - -np.log(1e-7)) < 0.01  # 16.1, where the truth is 30

    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 4)).astype("float32")
    y = (x[:, :1] > 0.5).astype("float32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    compile_binary(model)
    history = model.fit(x, y, epochs=30, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]

    probability = keras.ops.sigmoid(model(x))  # for people
    by_hand = ((np.asarray(probability) > 0.5) == y).mean()
    assert abs(model.evaluate(x, y, verbose=0)[1] - by_hand) < 1e-6
    print(f"accuracy {by_hand:.2f}")
