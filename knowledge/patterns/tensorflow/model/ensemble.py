# /// pattern
# id = "tf.model.ensemble"
# topic = "model.ensemble"
# twin = "pt.model.ensemble"
# questions = [
#   "ensemble of several keras models",
#   "average the predictions of models keras.layers.Average",
#   "combine trained models into one model and save it",
#   "average logits or probabilities in an ensemble",
#   "can I average the weights of two trained networks keras",
#   "deep ensemble tensorflow",
#   "ensamble keras models",
# ]
# apis = ["keras.layers.Average", "keras.layers.Softmax", "keras.Model", "keras.utils.set_random_seed"]
# replaces = ["keras.layers.merge(mode='ave')", "mean of get_weights()"]
# why = """Members differ by their seeds; the mean of their probabilities has a cross entropy that is never above the
# mean of theirs (Jensen's inequality), and usually well below, as where they err they err differently. As a functional
# model around the members it predicts, exports and saves like any other. Weights of networks trained apart must not be
# averaged: their units stand in other orders."""
# pitfalls = """Average probabilities, not arg-maxes. The layers' names inside one model must differ: give each member
# its name. Set member.trainable = False if the whole is compiled for anything but evaluation."""
# when_not = "One small model must do: distil the ensemble into it. Weights along one training may be averaged: EMA."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the averaged weights"
# ///
"""An ensemble as one Keras model: the mean of the members' probabilities."""

import keras
import numpy as np
from sklearn.datasets import load_digits


def train_member(x: np.ndarray, y: np.ndarray, *, seed: int) -> keras.Model:
    """A small network for 64 features to logits (B, 10), from its own seed."""
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape=(64,)), *layers], name=f"member_{seed}")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    model.fit(x, y, epochs=8, batch_size=64, verbose=0)
    return model


def build_ensemble(members: list[keras.Model]) -> keras.Model:
    """Inputs of the members to their mean probabilities (B, classes); compiled for evaluate, not for training."""
    inputs = keras.Input(shape=members[0].input_shape[1:])
    probabilities = [keras.layers.Softmax()(member(inputs)) for member in members]
    model = keras.Model(inputs, keras.layers.Average()(probabilities))
    model.trainable = False
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model


if __name__ == "__main__":
    data, y = load_digits(return_X_y=True)
    x = (data / 16).astype("float32")
    members = [train_member(x[:600], y[:600], seed=seed) for seed in range(3)]
    ensemble = build_ensemble(members)

    alone = []
    for member in members:
        logits = member.predict(x[600:], verbose=0).astype("float64")
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        accuracy = (probabilities.argmax(axis=1) == y[600:]).mean()
        alone.append((-np.log(probabilities[np.arange(len(logits)), y[600:]]).mean(), accuracy, probabilities))
    loss, accuracy = ensemble.evaluate(x[600:], y[600:], verbose=0)
    mean_loss, mean_accuracy = np.mean([found[0] for found in alone]), np.mean([found[1] for found in alone])
    print(f"alone: loss {mean_loss:.3f}, accuracy {mean_accuracy:.3f}; together {loss:.3f}, {accuracy:.3f}")
    assert loss < mean_loss and accuracy >= mean_accuracy
    by_hand = np.mean([found[2] for found in alone], axis=0)
    assert np.allclose(ensemble.predict(x[600:], verbose=0), by_hand, atol=1e-5)
