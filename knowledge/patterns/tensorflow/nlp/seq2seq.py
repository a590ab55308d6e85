# /// pattern
# id = "tf.nlp.seq2seq"
# topic = "nlp.seq2seq"
# twin = "pt.nlp.seq2seq"
# questions = [
#     "seq2seq with attention in keras",
#     "encoder decoder with teacher forcing keras",
#     "keras.layers.Attention between encoder and decoder",
#     "machine translation GRU keras functional",
#     "decoder input shifted by one, start token keras",
#     "greedy decoding loop after training keras seq2seq",
#     "seq2seq trains well but predicts garbage keras",
#     "sequnce to sequence atention tensorflow",
# ]
# apis = ["keras.layers.Attention", "keras.layers.GRU", "keras.layers.Bidirectional", "keras.layers.Embedding"]
# replaces = ["tfa.seq2seq.BasicDecoder", "tfa.seq2seq.BahdanauAttention", "RepeatVector"]
# why = """In training the decoder reads the right answer one place late (START, y1, y2) and must give (y1, y2, END):
# one call of fit. In use it reads what it wrote itself. Attention takes, for each output, a weighted mean of the
# encoder's states; the masks of both embeddings keep padding out of it."""
# pitfalls = """Decoder inputs that are not shifted let it copy: loss 0, and nothing is learnt. Measure what is decoded,
# not the loss under teacher forcing."""
# when_not = "Real translation: a pretrained transformer."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the loss is"
# ///
"""Sequence to sequence with attention: teacher forcing in training, greedy decoding in use."""

import keras
import numpy as np
from keras import layers

PADDING, START, END = 0, 1, 2


def build_seq2seq(vocab_size: int, *, width: int = 48) -> keras.Model:
    """Source ids (B, S) and decoder inputs (B, T) to logits (B, T, vocab_size) for the next tokens; 0 is padding."""
    source, so_far = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    embedding = layers.Embedding(vocab_size, width, mask_zero=True)
    states = layers.Bidirectional(layers.GRU(width // 2, return_sequences=True))(embedding(source))  # (B, S, width)
    queries = layers.GRU(width, return_sequences=True)(embedding(so_far))  # (B, T, width)
    context = layers.Attention(use_scale=True)([queries, states])  # (B, T, width), by the masks of both
    return keras.Model((source, so_far), layers.Dense(vocab_size)(layers.Concatenate()([queries, context])))


def translate(model: keras.Model, source: np.ndarray, *, steps: int) -> np.ndarray:
    """Ids (B, steps), PADDING after END; each token is read back in."""
    written = np.full((len(source), 1), START, "int32")
    for _ in range(steps):
        token = np.asarray(model((source, written)))[:, -1].argmax(axis=1)
        ended = np.isin(written[:, -1], [END, PADDING])
        written = np.concatenate([written, np.where(ended, PADDING, token)[:, None].astype("int32")], axis=1)
    return written[:, 1:]


def reversals(rng: np.random.Generator, count: int, *, longest: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Sources (count, longest) of 3..9, and START, the same backwards, END (count, longest + 2); 0 fills up."""
    source, target = np.zeros((count, longest), "int32"), np.zeros((count, longest + 2), "int32")
    for row, length in enumerate(rng.integers(3, longest + 1, count)):
        source[row, :length] = rng.integers(3, 10, length)
        target[row, : length + 2] = [START, *source[row, :length][::-1], END]
    return source, target


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    source, target = reversals(np.random.default_rng(0), 2200)
    model = build_seq2seq(10)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PADDING)
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    inputs, labels = (source[:2000], target[:2000, :-1]), target[:2000, 1:]
    losses = model.fit(inputs, labels, epochs=12, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]

    new_source, new_target = source[2000:], target[2000:]
    whole = np.asarray(model((new_source, new_target[:, :-1])))
    prefix = np.asarray(model((new_source, new_target[:, :3])))
    np.testing.assert_allclose(prefix, whole[:, :3], atol=1e-4)  # no logit sees a later token
    right = (translate(model, new_source, steps=7) == new_target[:, 1:]).all(axis=1).mean()
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, {right:.0%} of new sequences reversed without a mistake")
    assert right > 0.7
