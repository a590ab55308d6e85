# /// pattern
# id = "tf.nlp.sampling"
# topic = "nlp.decoding"
# twin = "pt.nlp.sampling"
# questions = [
#     "top-k and top-p sampling in keras",
#     "nucleus sampling tensorflow",
#     "temperature when generating text keras",
#     "sample the next character from predicted logits",
#     "keras.random.categorical takes logits or probabilities",
#     "generated text is random nonsense although the loss is low keras",
#     "top p samplng tensorflow",
# ]
# apis = ["keras.random.categorical", "keras.ops.top_k", "keras.ops.argsort", "keras.ops.cumsum"]
# replaces = ["tf.random.categorical", "keras_nlp.samplers.TopPSampler", "np.random.multinomial"]
# why = """Temperature divides the logits; top-k keeps the k best; top-p keeps the smallest set of best tokens that
# holds p of the probability. What is left out gets a very low logit, and categorical() does the softmax itself."""
# pitfalls = """keras.random.categorical takes logits: probabilities from a softmax layer, given as they are, are nearly
# even after the second softmax. Pass a SeedGenerator, an int draws the same token each time."""
# when_not = "One right answer is wanted, as in translation: greedy or beam search."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a token of probability 0.90 was drawn"
# ///
"""The next token from logits: temperature, top-k and top-p (nucleus) sampling."""

import keras
import numpy as np
from keras import KerasTensor, ops

LEFT_OUT = -1e9


def keep_top_k(logits: KerasTensor, k: int) -> KerasTensor:
    """Logits (N, V) with all but the k highest of each row set to LEFT_OUT."""
    lowest_kept = ops.top_k(logits, k)[0][:, -1:]  # (N, 1)
    return ops.where(logits < lowest_kept, LEFT_OUT, logits)


def keep_top_p(logits: KerasTensor, p: float) -> KerasTensor:
    """Logits (N, V) with all LEFT_OUT but the fewest tokens of each row that together hold at least p."""
    order = ops.argsort(-logits, axis=1)
    probabilities = ops.softmax(ops.take_along_axis(logits, order, axis=1), axis=1)
    before = ops.cumsum(probabilities, axis=1) - probabilities  # (N, V): what the better tokens hold
    back = ops.argsort(order, axis=1)  # from ranks to tokens
    return ops.where(ops.take_along_axis(before, back, axis=1) < p, logits, LEFT_OUT)


def sample_next(
    logits: KerasTensor,
    *,
    seed: keras.random.SeedGenerator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> KerasTensor:
    """Token ids (N, 1) drawn from logits (N, V); temperature must be positive."""
    logits = logits / temperature
    if top_k is not None:
        logits = keep_top_k(logits, min(top_k, logits.shape[1]))
    if top_p is not None:
        logits = keep_top_p(logits, top_p)
    return keras.random.categorical(logits, 1, dtype="int32", seed=seed)


if __name__ == "__main__":
    probabilities = np.array([0.05, 0.4, 0.25, 0.2, 0.1], "float32")
    logits = ops.convert_to_tensor(np.tile(np.log(probabilities), (20_000, 1)))  # (N, V)
    seed = keras.random.SeedGenerator(0)

    def shares(**options: float) -> np.ndarray:
        drawn = np.asarray(sample_next(logits, seed=seed, **options))
        return np.bincount(drawn[:, 0], minlength=5) / len(drawn)

    def expected(*values: float) -> np.ndarray:
        return np.array(values) / sum(values)

    np.testing.assert_allclose(shares(), probabilities, atol=0.02)
    np.testing.assert_allclose(shares(temperature=0.5), expected(*probabilities**2), atol=0.02)
    np.testing.assert_allclose(shares(top_k=2), expected(0, 0.4, 0.25, 0, 0), atol=0.02)
    np.testing.assert_allclose(shares(top_p=0.7), expected(0, 0.4, 0.25, 0.2, 0), atol=0.02)  # 0.65 is too little
    np.testing.assert_allclose(shares(top_p=0.3), [0, 1, 0, 0, 0])  # the best one is always kept
    np.testing.assert_allclose(shares(top_k=1), [0, 1, 0, 0, 0])  # greedy
    print(shares(temperature=0.7, top_p=0.9))
