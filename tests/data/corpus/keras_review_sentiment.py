"""Classify short reviews as positive or negative with a recurrent network over padded word ids."""

import keras
import numpy as np
from keras import layers, ops

SEED = 13
LENGTH = 24
BATCH_SIZE = 64
EPOCHS = 12
NOUNS = ("plot", "music", "cast", "ending", "camera", "script")
POSITIVE = ("good", "great", "moving", "clever")
NEGATIVE = ("bad", "dull", "weak", "clumsy")


def make_review(label: int, rng: np.random.Generator) -> str:
    """One or three clauses, most of which agree with the label; "not" turns a word round."""
    clauses = int(rng.choice([1, 3]))
    polarities = [label] * clauses
    if clauses == 3 and rng.random() < 0.5:
        polarities[rng.integers(3)] = 1 - label
    words = []
    for polarity in polarities:
        negated = bool(rng.random() < 0.4)
        adjective = rng.choice(POSITIVE if polarity != negated else NEGATIVE)
        words.append(f"the {rng.choice(NOUNS)} was {'not ' if negated else ''}{adjective}")
    return " and ".join(words)


def make_reviews(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The texts (N,) and labels (N, 1), one in three positive, in random order and one in twenty mislabelled."""
    labels = np.repeat([1, 0], [count // 3, count - count // 3])
    texts = np.array([make_review(int(label), rng) for label in labels])
    order = rng.permutation(count)
    mislabelled = rng.random(count) < 0.05
    return texts[order], np.where(mislabelled, 1 - labels, labels)[order, None].astype("float32")


class AttentionPooling(layers.Layer):
    """Weighted mean over the words of each text, (B, T, width) to (B, width); padding has no weight."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.score = layers.Dense(1)

    def build(self, input_shape):
        self.score.build(input_shape)

    def call(self, words, mask=None):
        scores = self.score(words)  # (B, T, 1)
        if mask is not None:
            scores = ops.where(mask[..., None], scores, -1e9)
        return ops.sum(ops.softmax(scores, axis=1) * words, axis=1)

    def compute_mask(self, _words, _mask=None):
        return None


def build_model(vocabulary_size: int) -> keras.Model:
    ids = keras.Input((LENGTH,), dtype="int64")
    words = layers.Embedding(vocabulary_size, 16, mask_zero=True)(ids)
    words = layers.Bidirectional(layers.GRU(16, return_sequences=True))(words)
    pooled = layers.Dropout(0.2)(AttentionPooling()(words))
    return keras.Model(ids, layers.Dense(1)(pooled), name="review_sentiment")


def balanced_weights(labels: np.ndarray) -> dict[int, float]:
    positive = float(labels.mean())
    return {0: 0.5 / (1.0 - positive), 1: 0.5 / positive}


def main() -> None:
    keras.utils.set_random_seed(SEED)
    texts, labels = make_reviews(1500, np.random.default_rng(SEED))
    train_texts, test_texts = texts[:1200], texts[1200:]
    y_train, y_test = labels[:1200], labels[1200:]

    vectorizer = layers.TextVectorization(output_sequence_length=LENGTH)
    vectorizer.adapt(train_texts)
    x_train, x_test = np.array(vectorizer(train_texts)), np.array(vectorizer(test_texts))

    model = build_model(vectorizer.vocabulary_size())
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
    )
    model.fit(
        x_train,
        y_train,
        validation_split=0.2,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        class_weight=balanced_weights(y_train),
        callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)],
        verbose=2,
    )
    predicted = model.predict(x_test, batch_size=256, verbose=0) > 0.0
    print(f"test accuracy {np.mean(predicted == (y_test > 0.5)):.3f}, positive share {y_test.mean():.3f}")


if __name__ == "__main__":
    main()
