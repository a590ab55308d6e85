"""Right: a masked language model looks both ways, its targets are its inputs, and only hidden positions count."""

import keras
import numpy as np
from keras import layers

SEED = 14
VOCABULARY = 12
MASK = VOCABULARY
LENGTH = 10


def make_progressions(count: int, rng: np.random.Generator) -> np.ndarray:
    """Ids (N, LENGTH) that grow by one to three from place to place, round the vocabulary."""
    starts, strides = rng.integers(0, VOCABULARY, (count, 1)), rng.integers(1, 4, (count, 1))
    return ((starts + strides * np.arange(LENGTH)) % VOCABULARY).astype("int32")


def hide(ids: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs with one position of each row hidden, targets, and weights that are 1 at the hidden position."""
    weights = np.zeros(ids.shape, dtype="float32")
    weights[np.arange(len(ids)), rng.integers(0, LENGTH, len(ids))] = 1.0
    return np.where(weights > 0, MASK, ids), ids, weights


def build_model() -> keras.Model:
    ids = keras.Input((LENGTH,), dtype="int32")
    tokens = layers.Embedding(VOCABULARY + 1, 32)(ids)
    x = layers.Bidirectional(layers.GRU(32, return_sequences=True))(tokens)
    return keras.Model(ids, layers.Dense(VOCABULARY)(x))


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    inputs, targets, weights = hide(make_progressions(2048, rng), rng)
    test_inputs, test_targets, test_weights = hide(make_progressions(300, rng), rng)

    model = build_model()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    model.fit(inputs, targets, sample_weight=weights, batch_size=64, epochs=6, verbose=2)
    scores = model.evaluate(test_inputs, test_targets, sample_weight=test_weights, return_dict=True, verbose=0)
    print(f"test accuracy at the hidden positions {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
