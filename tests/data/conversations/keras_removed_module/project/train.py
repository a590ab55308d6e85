"""Tell sentences about food from sentences about weather."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SUBJECTS = {
    0: ["bread", "soup", "rice", "cheese", "apples", "noodles", "salad", "cake"],
    1: ["rain", "snow", "wind", "sunshine", "fog", "hail", "thunder", "frost"],
}
FRAMES = ["we had {} today", "there was {} all day", "I really like {}", "more {} is coming", "nothing beats {}"]


def make_sentences() -> tuple[list[str], np.ndarray]:
    pairs = [(frame.format(word), label) for label, words in SUBJECTS.items() for word in words for frame in FRAMES]
    order = np.random.default_rng(0).permutation(len(pairs))
    return [pairs[i][0] for i in order], np.array([pairs[i][1] for i in order])


def main() -> None:
    keras.utils.set_random_seed(0)
    sentences, labels = make_sentences()
    vectorize = layers.TextVectorization(output_sequence_length=6)
    vectorize.adapt(sentences[:60])
    ids = vectorize(tf.constant(sentences)).numpy()  # (sentences, 6)
    vocabulary_size = vectorize.vocabulary_size()

    model = keras.Sequential(
        [
            layers.Input((6,), dtype="int64"),
            layers.Embedding(vocabulary_size, 16, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(ids[:60], labels[:60], epochs=15, batch_size=10, verbose=0)
    _, accuracy = model.evaluate(ids[60:], labels[60:], verbose=0)
    print(f"accuracy on held-out sentences: {accuracy:.2f}")


if __name__ == "__main__":
    main()
