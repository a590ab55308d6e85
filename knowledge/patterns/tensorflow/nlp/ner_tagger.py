# /// pattern
# id = "tf.nlp.ner-tagger"
# topic = "nlp.tagging"
# twin = "pt.nlp.ner-tagger"
# questions = [
#     "named entity recognition with BiLSTM in keras",
#     "sequence tagging, one label per token tensorflow",
#     "return_sequences Bidirectional LSTM token classification",
#     "mask_zero and loss on padding tokens keras",
#     "does keras ignore padding in the loss",
#     "accuracy counts padding tokens keras sequence labelling",
#     "ner bilstm kears",
# ]
# errors = ["ValueError: Argument `output` must have rank (ndim) `target.ndim - 1`. Received: target.shape=(None, 12)"]
# apis = ["keras.layers.Bidirectional", "keras.layers.LSTM", "keras.layers.Embedding", "keras.layers.Dense"]
# replaces = ["keras.layers.TimeDistributed", "tfa.layers.CRF", "keras_contrib.layers.CRF"]
# why = """Embedding(mask_zero=True) gives a mask that goes through the LSTM and Dense to the loss of compile: padding
# counts there in nothing. return_sequences=True keeps the states of all tokens, of both directions."""
# pitfalls = """Entries of `metrics` leave padding out as well only where the mask arrives; a layer that does not
# support masks drops it silently. Score entities by F1, since most tokens are O."""
# when_not = "Much text and a GPU: a pretrained encoder with a linear head finds more."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises ValueError: Argument `output` must have rank (ndim) `target.ndim - 1`"
# ///
"""A bidirectional LSTM that gives each token of padded sentences a tag; the mask keeps padding out of the loss."""

import keras
import numpy as np
from keras import layers
from sklearn.metrics import f1_score


def build_tagger(vocab_size: int, num_tags: int, *, width: int = 32) -> keras.Model:
    """Ids (B, T), 0 = padding, to logits (B, T, num_tags)."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(vocab_size, width, mask_zero=True),
            layers.Bidirectional(layers.LSTM(width, return_sequences=True)),  # (B, T, 2 * width)
            layers.Dense(num_tags),
        ]
    )


def sentences(rng: np.random.Generator, count: int, *, longest: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Ids and tags (count, longest): a name (2..9) is a person (1) before the word 1, a place (2) after it, else O."""
    ids = np.where(rng.random((count, longest)) < 0.2, 1, rng.integers(2, 30, size=(count, longest)))
    ids = np.where(np.arange(longest) < rng.integers(4, longest + 1, size=(count, 1)), ids, 0)
    name = (ids >= 2) & (ids <= 9)
    before = np.pad(ids[:, 1:] == 1, [(0, 0), (0, 1)])
    after = np.pad(ids[:, :-1] == 1, [(0, 0), (1, 0)])
    return ids.astype("int32"), np.where(name & before, 1, np.where(name & after, 2, 0))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    ids, tags = sentences(np.random.default_rng(0), 1500)
    valid = ids != 0
    model = build_tagger(30, 3)
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss_fn, jit_compile=False)

    logits = np.asarray(model(ids), dtype=np.float64)
    chosen = np.take_along_axis(logits, tags[..., None], axis=2)[..., 0]
    by_hand = (np.log(np.exp(logits).sum(axis=2)) - chosen)[valid].mean()
    np.testing.assert_allclose(model.evaluate(ids, tags, batch_size=1500, verbose=0), by_hand, rtol=1e-3)

    losses = model.fit(ids[:1200], tags[:1200], epochs=5, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.4 * losses[0]

    test_ids, truth, counts = ids[1200:], tags[1200:], valid[1200:]
    logits, longer = np.asarray(model(test_ids)), np.asarray(model(np.pad(test_ids, [(0, 0), (0, 5)])))
    np.testing.assert_allclose(longer[:, :12][counts], logits[counts], atol=1e-4)  # padding changes nothing
    found = f1_score(truth[counts], logits.argmax(axis=2)[counts], labels=[1, 2], average="micro")
    assert found > 0.9, found
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, F1 of the entities {found:.2f}")
