"""Right: in a contrastive loss every row looks at the whole batch, because the other rows are its negatives."""

import keras
import numpy as np
import tensorflow as tf

SEED = 4
TEMPERATURE = 0.1


def encoder() -> keras.Model:
    return keras.Sequential(
        [keras.Input((12,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(8), keras.layers.UnitNormalization()]
    )


def make_pairs(count: int, rng: np.random.Generator, views: list[np.ndarray]) -> list[np.ndarray]:
    """Two noisy linear views (N, 12) of the same hidden factors."""
    hidden = rng.normal(size=(count, 6))
    return [(hidden @ view + rng.normal(0.0, 0.1, (count, 12))).astype("float32") for view in views]


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    views = [rng.normal(size=(6, 12)) for _ in range(2)]
    train, test = make_pairs(1024, rng, views), make_pairs(100, rng, views)
    pairs = tf.data.Dataset.from_tensor_slices(tuple(train)).shuffle(1024, seed=SEED).batch(64, drop_remainder=True)
    left, right = encoder(), encoder()
    variables = left.trainable_variables + right.trainable_variables
    optimizer = keras.optimizers.Adam(learning_rate=5e-3)
    optimizer.build(variables)

    @tf.function
    def step(first, second):
        with tf.GradientTape() as tape:
            similarity = tf.matmul(left(first), right(second), transpose_b=True) / TEMPERATURE  # (B, B)
            same = tf.range(tf.shape(first)[0])
            rows = tf.nn.sparse_softmax_cross_entropy_with_logits(same, similarity)
            columns = tf.nn.sparse_softmax_cross_entropy_with_logits(same, tf.transpose(similarity))
            loss = tf.reduce_mean(rows + columns) / 2.0
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    for epoch in range(12):
        losses = [float(step(first, second)) for first, second in pairs]
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")
    similarity = left(test[0]).numpy() @ right(test[1]).numpy().T
    print(f"test pairs found {np.mean(similarity.argmax(axis=1) == np.arange(100)):.2f}")


if __name__ == "__main__":
    main()
