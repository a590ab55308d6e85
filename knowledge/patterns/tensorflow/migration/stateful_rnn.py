# /// pattern
# id = "tf.migration.stateful-rnn"
# topic = "migration.recurrent"
# questions = [
#   "model.reset_states() stateful LSTM keras 3",
#   "'Sequential' object has no attribute 'reset_states'",
#   "stateful rnn reset between sequences",
#   "batch_input_shape stateful lstm",
#   "carry LSTM state over batches keras",
#   "statefull lstm reset states",
# ]
# errors = [
#   "AttributeError: 'Sequential' object has no attribute 'reset_states'",
# ]
# apis = ["keras.layers.LSTM", "keras.layers.RNN.reset_state"]
# replaces = ["model.reset_states", "batch_input_shape=", "reset_states"]
# why = """The state belongs to the layer, and layer.reset_state() clears it; the model has no such method any more.
# The batch size is said once, in keras.Input(batch_shape=…), because the state has one row for each sequence of the
# batch."""
# pitfalls = "Use shuffle=False, or the rows of the next batch go on from a stranger's state."
# when_not = "Sequences that fit in memory: a plain LSTM over the whole length learns from all of it."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: 'Sequential' object has no attribute 'reset_states'"
# ///
"""An LSTM that goes on where the last batch ended, and is reset between sequences."""

import keras
import numpy as np
from keras import layers


def build_model(*, batch_size: int) -> keras.Sequential:
    """Pieces (B, T, 2) of B long sequences to (B, 3)."""
    inputs = keras.Input(batch_shape=(batch_size, None, 2))  # batch_input_shape
    return keras.Sequential([inputs, layers.LSTM(3, stateful=True)])


def reset_state(model: keras.Model) -> None:
    """Forget the past in every recurrent layer (model.reset_states())."""
    for layer in model.layers:
        if isinstance(layer, layers.RNN) and layer.stateful:
            layer.reset_state()


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    sequence = np.random.default_rng(0).normal(size=(4, 6, 2)).astype("float32")
    model = build_model(batch_size=4)
    plain = keras.Sequential([keras.Input((None, 2)), layers.LSTM(3)])
    plain.set_weights([weight.numpy() for weight in model.trainable_variables])
    expected = np.asarray(plain(sequence))  # all six steps at once

    model(sequence[:, :4])
    in_pieces = np.asarray(model(sequence[:, 4:]))
    np.testing.assert_allclose(in_pieces, expected, atol=1e-6)

    without_reset = np.asarray(model(sequence))
    reset_state(model)
    with_reset = np.asarray(model(sequence))
    np.testing.assert_allclose(with_reset, expected, atol=1e-6)
    gap = np.abs(without_reset - expected).max()
    print(f"without a reset the next sequence is off by {gap:.3f}")
    assert gap > 0.01
