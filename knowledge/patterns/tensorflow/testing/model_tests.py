# /// pattern
# id = "tf.testing.model-tests"
# topic = "testing.models"
# twin = "pt.testing.model-tests"
# questions = [
#     "unit tests for a keras model",
#     "pytest for neural networks tensorflow",
#     "test the output shape of a keras model",
#     "check that samples in a batch do not influence each other keras",
#     "test that every weight gets a gradient tensorflow",
#     "model mixes samples, softmax over the wrong axis keras",
#     "unittest kears model forward",
#     "sanity checks before training keras",
# ]
# apis = ["tf.GradientTape.gradient", "keras.Model.save", "keras.saving.load_model"]
# replaces = ["tf.test.TestCase", "print(model.output_shape)"]
# why = """Most mistakes in a network raise nothing. Five cheap properties catch them: shape and finite values for more
# than one batch size, a gradient for every trainable weight, no sample reached by the gradient of another, the same
# answer twice without training, and the same answer after saving and loading."""
# pitfalls = """With training=True BatchNormalization mixes samples on purpose: test independence with training=False. A
# batch of size 1 hides mixing."""
# when_not = "Whether the model learns: let it learn one batch by heart."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: sample 0 depends on other samples"
# ///
"""Tests of a network that take a second: plain functions that pytest collects, here called by hand."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def make_model() -> keras.Model:
    """The network under test: images (B, 8, 8, 3) to logits (B, 5)."""
    keras.utils.set_random_seed(0)
    hidden = [layers.Conv2D(8, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
    return keras.Sequential([keras.Input((8, 8, 3)), *hidden, layers.Flatten(), layers.Dropout(0.5), layers.Dense(5)])


def some_images(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 8, 8, 3)).astype("float32")


def test_gives_finite_logits_for_each_sample_of_any_batch() -> None:
    model = make_model()
    for batch_size in (1, 2, 7):
        logits = np.asarray(model(some_images(batch_size)))
        assert logits.shape == (batch_size, 5)
        assert np.isfinite(logits).all()


def test_every_weight_gets_a_gradient() -> None:
    model = make_model()
    with tf.GradientTape() as tape:
        loss = LOSS(np.arange(8) % 5, model(some_images(8), training=True))
    weights = model.trainable_variables
    gradients = tape.gradient(loss, [weight.value for weight in weights])
    without = [weight.path for weight, gradient in zip(weights, gradients, strict=True) if gradient is None]
    assert not without, f"no gradient reaches {without}"


def test_no_sample_influences_another() -> None:
    model, images = make_model(), tf.constant(some_images(4))
    with tf.GradientTape() as tape:
        tape.watch(images)
        first = model(images, training=False)[0]
    reached = np.any(tape.gradient(first, images), axis=(1, 2, 3)).tolist()
    assert reached == [True, False, False, False], f"sample 0 depends on other samples: {reached}"


def test_answers_twice_the_same_without_training() -> None:
    model = make_model()
    np.testing.assert_array_equal(model(some_images(4), training=False), model(some_images(4), training=False))


def test_answers_the_same_after_saving_and_loading() -> None:
    model = make_model()
    model(some_images(4), training=True)  # so that the moving statistics are no longer those of a new model
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        loaded = keras.saving.load_model(Path(folder) / "model.keras")
    np.testing.assert_allclose(loaded(some_images(4)), model(some_images(4)), rtol=1e-5, atol=1e-6)


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own saving code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    tests = [function for name, function in sorted(globals().items()) if name.startswith("test_")]
    assert len(tests) == 5
    for test in tests:
        test()
    print(f"{len(tests)} passed")
