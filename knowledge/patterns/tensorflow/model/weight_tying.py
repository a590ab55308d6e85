# /// pattern
# id = "tf.model.weight-tying"
# topic = "model.building"
# twin = "pt.model.weight-tying"
# questions = [
#     "tie embedding and output weights keras",
#     "share weights between two layers tensorflow",
#     "weight tying language model keras 3",
#     "use the transposed embedding as output layer",
#     "ReversibleEmbedding",
#     "siamese network: one layer called twice",
#     "shaer weights keras layer",
#     "transpose of an embedding matrix as Dense kernel",
# ]
# apis = ["keras.layers.ReversibleEmbedding", "keras.layers.GRU"]
# replaces = ["keras_nlp.layers.ReversibleEmbedding", "keras_hub.layers.ReversibleEmbedding",
#     "Dense(kernel=tf.transpose(embedding))"]
# why = """A layer object that is called twice has one set of weights: it is trained by both uses and saved once.
# ReversibleEmbedding looks ids up, and with reverse=True multiplies by the transpose of the same matrix: the output
# layer of a language model without weights of its own."""
# pitfalls = """Embeddings as large as the default (uniform in 0.05) are fine for logits; N(0, 1) gives huge ones.
# set_weights copies values once and ties nothing."""
# when_not = "Another vocabulary at the output, or states of another width: project first."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the weights went separate ways"
# ///
"""A language model whose output layer is its embedding, transposed."""

import keras
import numpy as np


def tied_language_model(vocabulary_size: int, width: int) -> keras.Model:
    """Token ids (B, T) to logits of the next token (B, T, V)."""
    embedding = keras.layers.ReversibleEmbedding(vocabulary_size, width, name="tokens")
    ids = keras.Input((None,), dtype="int32")
    states = keras.layers.GRU(width, return_sequences=True, name="states")(embedding(ids))  # (B, T, width)
    return keras.Model(ids, embedding(states, reverse=True))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = tied_language_model(vocabulary_size=50, width=16)
    gru = 3 * (16 * 16 + 16 * 16 + 2 * 16)
    assert model.count_params() == 50 * 16 + gru  # no second matrix of 50 x 16

    ids = np.random.default_rng(0).integers(0, 50, size=(64, 9))
    ids[:, 1:] = (ids[:, :1] + 7 * np.arange(1, 9)) % 50  # a rule to learn: always 7 on
    states_of = keras.Model(model.inputs, model.get_layer("states").output)
    matrix = model.get_layer("tokens").embeddings  # (V, width)
    np.testing.assert_allclose(
        model(ids), np.asarray(states_of(ids)) @ np.asarray(matrix.value).T, rtol=1e-3, atol=1e-5
    )

    model.compile(
        keras.optimizers.Adam(0.03), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False
    )
    losses = model.fit(ids[:, :-1], ids[:, 1:], epochs=15, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0], losses
    np.testing.assert_allclose(
        model(ids), np.asarray(states_of(ids)) @ np.asarray(matrix.value).T, rtol=1e-3, atol=1e-4
    )
    print(f"{model.count_params():,} parameters, loss {losses[0]:.2f} -> {losses[-1]:.2f}")
