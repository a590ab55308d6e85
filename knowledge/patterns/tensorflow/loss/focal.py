# /// pattern
# id = "tf.loss.focal"
# topic = "loss.imbalance"
# twin = "pt.loss.focal"
# questions = [
#     "focal loss keras",
#     "BinaryFocalCrossentropy alpha and gamma",
#     "alpha has no effect in BinaryFocalCrossentropy",
#     "apply_class_balancing",
#     "CategoricalFocalCrossentropy from logits",
#     "down-weight easy examples tensorflow",
#     "foccal loss tensorflow addons",
# ]
# apis = ["keras.losses.BinaryFocalCrossentropy"]
# replaces = ["tfa.losses.SigmoidFocalCrossEntropy", "tensorflow_addons focal loss"]
# why = """Cross entropy times (1 - p)^gamma, p being the probability of the truth: with gamma 2 an example that is
# right at 0.9 counts a hundredth of what it did. BinaryFocalCrossentropy uses alpha only with
# apply_class_balancing=True."""
# pitfalls = "Without from_logits=True logits are clipped to [0, 1] and most gradients are gone."
# when_not = "Mere imbalance of classes that are learnt well: class weights are simpler."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: alpha changed nothing"
# ///
"""Focal loss from logits, with its balance of positives and negatives switched on."""

import keras
import numpy as np


def focal_loss(*, gamma: float = 2.0, alpha: float = 0.25) -> keras.losses.Loss:
    """For logits and 0/1 targets (N, 1); alpha weighs positives, 1 - alpha negatives."""
    return keras.losses.BinaryFocalCrossentropy(from_logits=True, gamma=gamma, alpha=alpha, apply_class_balancing=True)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(50, 1)).astype("float32"), (np.arange(50) % 5 == 0).astype("float32")[:, None]
    probability = 1 / (1 + np.exp(-logits))
    p = np.where(targets == 1, probability, 1 - probability)  # of the truth
    by_hand = np.where(targets == 1, 0.25, 0.75) * (1 - p) ** 2 * -np.log(p)
    np.testing.assert_allclose(focal_loss()(targets, logits), by_hand.mean(), rtol=1e-5)

    unbalanced = keras.losses.BinaryFocalCrossentropy(from_logits=True, alpha=0.25)
    np.testing.assert_allclose(unbalanced(targets, logits), ((1 - p) ** 2 * -np.log(p)).mean(), rtol=1e-5)

    one, right, plain = np.ones((1, 1)), np.log([[0.9 / 0.1]]), keras.losses.BinaryCrossentropy(from_logits=True)
    ratio = float(unbalanced(one, right)) / float(plain(one, right))
    assert abs(ratio - 0.01) < 1e-4

    y = (np.arange(500) < 10).astype("float32")[:, None]  # one in fifty
    x = (rng.normal(size=(500, 2)) + 2 * y).astype("float32")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), focal_loss(), jit_compile=False)
    losses = model.fit(x, y, epochs=15, batch_size=100, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}")
