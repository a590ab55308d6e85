# /// pattern
# id = "tf.loss.triplet"
# topic = "loss.metric-learning"
# twin = "pt.loss.triplet"
# questions = [
#     "triplet loss keras",
#     "hard negative mining in the batch tensorflow",
#     "face recognition embeddings loss keras",
#     "TripletSemiHardLoss replacement for tensorflow addons",
#     "nan gradient of pairwise distances tensorflow",
#     "triplet los keras batch hard",
# ]
# apis = ["keras.losses.Loss", "keras.ops.where", "keras.layers.UnitNormalization"]
# replaces = ["tfa.losses.TripletSemiHardLoss", "tfa.losses.TripletHardLoss"]
# why = """Each sample should be closer to its own class than to any other, by a margin. Batch-hard mining takes the
# farthest friend and the nearest stranger of each sample; random triplets are soon all solved and give no gradient."""
# pitfalls = """The root of 0 has an infinite gradient, and every sample is at distance 0 of itself: keep away from 0
# below the root. A batch needs at least two samples of a class."""
# when_not = "Labels for all classes at hand: cross entropy trains faster, and its features serve as embeddings."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the gradient is NaN"
# ///
"""Triplet loss with the hardest positive and negative of each sample in the batch."""

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor, ops


def pairwise_distances(x: KerasTensor) -> KerasTensor:
    """(N, D) to (N, N), with gradients that are finite on the diagonal too."""
    squared = ops.sum(ops.square(x[:, None] - x[None, :]), axis=2)
    return ops.sqrt(ops.maximum(squared, 1e-12))


@keras.saving.register_keras_serializable()
class BatchHardTriplet(keras.losses.Loss):
    """Labels (N,) or (N, 1) and embeddings (N, D); samples without a positive give 0."""

    def __init__(self, *, margin: float = 0.2, name: str = "batch_hard_triplet", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        self.margin = margin

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        labels = ops.reshape(y_true, (-1,))
        distances = pairwise_distances(y_pred)  # (N, N)
        same = labels[:, None] == labels[None, :]
        farthest = ops.max(ops.where(same, distances, 0.0), axis=1)  # (N,); itself is at distance 0
        nearest = ops.min(ops.where(same, 1e9, distances), axis=1)  # (N,)
        return ops.relu(farthest - nearest + self.margin)

    def get_config(self) -> dict[str, object]:
        return super().get_config() | {"margin": self.margin}


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    points, labels = tf.constant(rng.normal(size=(5, 2)).astype("float32")), np.array([0, 0, 0, 1, 1])
    with tf.GradientTape() as tape:
        tape.watch(points)
        loss = BatchHardTriplet(margin=1.0)(labels, points)
    terms = []
    for i in range(5):
        distance = np.linalg.norm(points.numpy() - points.numpy()[i], axis=1)
        terms.append(max(0, distance[labels == labels[i]].max() - distance[labels != labels[i]].min() + 1.0))
    np.testing.assert_allclose(loss, np.mean(terms), rtol=1e-4)
    assert np.isfinite(tape.gradient(loss, points)).all()

    labels = np.arange(60) % 3
    features = rng.normal(size=(60, 8)).astype("float32")  # the class is in one of them, drowned in the others
    features[:, 0] = 0.8 * (labels - 1) + 0.05 * rng.normal(size=60)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2), keras.layers.UnitNormalization()])
    model.compile(keras.optimizers.Adam(0.05), BatchHardTriplet(), jit_compile=False)
    x, y = np.tile(features, (10, 1)), np.tile(labels, 10)  # each batch is the whole of it
    losses = model.fit(x, y, epochs=15, batch_size=60, shuffle=False, verbose=0).history["loss"]
    distances = np.asarray(pairwise_distances(model(features))) + 1e9 * np.eye(60)
    accuracy = (labels[distances.argmin(axis=1)] == labels).mean()  # of the nearest neighbour
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, nearest neighbour right: {accuracy:.2f}")
    assert losses[-1] < 0.5 * losses[0] and accuracy > 0.9
