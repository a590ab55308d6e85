# /// pattern
# id = "tf.loss.contrastive"
# topic = "loss.metric-learning"
# twin = "pt.loss.contrastive"
# questions = [
#     "match images and captions, negatives from the same batch",
#     "contrastive loss keras InfoNCE",
#     "SimCLR loss tensorflow",
#     "clip loss for image text pairs keras",
#     "loss between two outputs of the model keras",
#     "temperature contrastive learning tensorflow",
#     "contrastiv loss tf keras",
# ]
# apis = ["keras.ops.normalize", "keras.losses.sparse_categorical_crossentropy", "keras.Model.train_step"]
# replaces = ["tfa.losses.NpairsLoss", "tfa.losses.ContrastiveLoss"]
# why = """Among all of the batch each sample must pick its own partner: cross entropy over the similarities, with the
# diagonal as the labels, both ways. Cosines lie in [-1, 1]; divided by a temperature of 0.1 they are logits in [-10,
# 10], without it the loss cannot get near 0."""
# pitfalls = "Normalise, or length alone lowers the loss. Two samples of one class in a batch are false negatives."
# when_not = "Pairs with graded similarity: a regression of the cosine."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: cosines are no logits"
# ///
"""Contrastive loss for pairs: a model of two encoders that needs no labels."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def contrastive_loss(left: KerasTensor, right: KerasTensor, *, temperature: float = 0.1) -> KerasTensor:
    """Embeddings (N, D) of both sides, row i belonging to row i; symmetric InfoNCE, a scalar."""
    logits = ops.matmul(ops.normalize(left), ops.transpose(ops.normalize(right))) / temperature  # (N, N)
    partner = ops.arange(ops.shape(logits)[0])
    across = keras.losses.sparse_categorical_crossentropy(partner, logits, from_logits=True)  # (N,)
    down = keras.losses.sparse_categorical_crossentropy(partner, ops.transpose(logits), from_logits=True)
    return ops.mean(across + down) / 2


class PairEncoder(keras.Model):
    """Two views (N, 8) each to embeddings (N, 8); fit((first, second)) without targets."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = keras.layers.Dense(8), keras.layers.Dense(8)
        self.tracker = keras.metrics.Mean("contrastive_loss")

    def call(self, inputs: tuple[KerasTensor, KerasTensor]) -> tuple[KerasTensor, KerasTensor]:
        return self.left(inputs[0]), self.right(inputs[1])

    def train_step(self, data: tuple) -> dict[str, KerasTensor]:
        (views,) = data
        with tf.GradientTape() as tape:
            loss = contrastive_loss(*self(views, training=True))
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        self.tracker.update_state(loss)
        return {"contrastive_loss": self.tracker.result()}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    lengths = np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1)
    exponentials = np.exp(left @ right.T / lengths / 0.1)
    share = np.diag(exponentials) ** 2 / exponentials.sum(axis=0) / exponentials.sum(axis=1)
    np.testing.assert_allclose(contrastive_loss(left, right), -np.log(share).mean() / 2, rtol=1e-4)

    content = rng.normal(size=(256, 8))  # what both views share, each seen through a mixing and noise of its own
    views = [(content + 0.2 * rng.normal(size=(256, 8))) @ rng.normal(size=(8, 8)) for _ in range(2)]
    first, second = (view.astype("float32") for view in views)
    model = PairEncoder()
    model.compile(keras.optimizers.Adam(0.02), jit_compile=False)
    history = model.fit((first[:192], second[:192]), epochs=40, batch_size=64, verbose=0).history
    losses = history["contrastive_loss"]

    a, b = (np.asarray(ops.normalize(side)) for side in model((first[192:], second[192:])))  # new pairs
    found = ((a @ b.T).argmax(axis=1) == np.arange(64)).mean()
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, partner found for {found:.0%} of new pairs")
    assert losses[-1] < 0.5 * losses[0] and found > 0.7  # by chance: 1 in 64
