# /// pattern
# id = "tf.nlp.text-vectorization"
# topic = "nlp.tokenisation"
# questions = [
#     "TextVectorization with a custom standardization",
#     "export a keras model that takes raw strings",
#     "put TextVectorization inside the model for serving",
#     "tokenise text in a tf.data pipeline",
#     "keras text preprocessing, vocabulary, unknown words",
#     "tf-idf or multi hot bag of words keras",
#     "what replaces keras Tokenizer texts_to_sequences",
#     "TextVectorisation adapt vocabulry",
# ]
# apis = ["keras.layers.TextVectorization", "tf.strings.regex_replace", "tf.data.Dataset.map", "keras.Sequential"]
# replaces = ["keras.preprocessing.text.Tokenizer", "texts_to_sequences", "tfds.deprecated.text.Tokenizer"]
# why = """The vocabulary is learnt from the training texts alone. Training maps texts to ids in the pipeline, on the
# CPU beside the model's work; for use the same layer is put in front of the trained model, which then takes raw strings
# and cannot be fed with another vocabulary."""
# pitfalls = """Id 0 is padding, 1 unknown: the embedding has vocabulary_size() rows. The standard cleaning takes all
# punctuation away, also of "don't". adapt() must come before the model is built on vocabulary_size()."""
# when_not = "A pretrained transformer: its own tokeniser."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: words of the test texts"
# ///
"""Texts to ids by TextVectorization: in the pipeline for training, in front of the model for use."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers


def clean(texts: tf.Tensor) -> tf.Tensor:
    """Lower case, and marks as words of their own; the apostrophe stays inside of a word."""
    return tf.strings.regex_replace(tf.strings.lower(texts), r"([!?.,;:])", r" \1 ")


def build_classifier(vocab_size: int) -> keras.Model:
    """Ids (B, T), 0 = padding, to logits (B, 1)."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int64"),
            layers.Embedding(vocab_size, 8, mask_zero=True),
            layers.GlobalAveragePooling1D(),  # of what is not padding
            layers.Dense(1),
        ]
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    fillers = ["the film", "I saw it", "with friends", "last week", "in Paris"]
    good, bad = ["superb!", "didn't bore me", "lovely"], ["dull.", "didn't move me", "too long"]
    labels = rng.integers(2, size=400)
    texts = np.array([f"{rng.choice(fillers)}: {rng.choice(good if label else bad)}" for label in labels], dtype=object)

    vectorizer = layers.TextVectorization(max_tokens=50, standardize=clean, output_sequence_length=8)
    vectorizer.adapt(texts[:300])
    words = vectorizer.get_vocabulary()
    assert words[:2] == ["", "[UNK]"] and {"didn't", "!", "film"} <= set(words)
    ids = np.asarray(vectorizer(["Superb ! zebra"]))[0]
    assert [words[number] for number in ids] == ["superb", "!", "[UNK]", *[""] * 5]

    pairs = tf.data.Dataset.from_tensor_slices((texts[:300], labels[:300])).shuffle(300, seed=0).batch(32)
    model = build_classifier(vectorizer.vocabulary_size())
    model.compile(keras.optimizers.Adam(0.05), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    batches = pairs.map(lambda batch, label: (vectorizer(batch), label))
    losses = model.fit(batches, epochs=6, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.4 * losses[0]

    from_strings = keras.Sequential([keras.Input((), dtype="string"), vectorizer, model])  # for use: raw texts
    probabilities = tf.sigmoid(from_strings(tf.constant(texts[300:].tolist())))[:, 0].numpy()
    right = ((probabilities > 0.5) == labels[300:]).mean()
    np.testing.assert_allclose(probabilities, tf.sigmoid(model(vectorizer(texts[300:])))[:, 0], atol=1e-6)
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {right:.0%} of new texts right, {len(words)} words")
    assert right > 0.95
