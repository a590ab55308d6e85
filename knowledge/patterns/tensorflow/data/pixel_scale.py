# /// pattern
# id = "tf.data.pixel-scale"
# topic = "data.preprocessing"
# twin = "pt.data.pixel-scale"
# questions = [
#   "why divide images by 255 keras",
#   "normalize pixel values to 0 1 tensorflow",
#   "model does not learn with raw pixels 0 to 255",
#   "unsupported operand type(s) for /: 'tuple' and 'float' mnist load_data",
#   "Rescaling layer inside or outside the model",
#   "predictions wrong after deployment, forgot to scale the input",
#   "normalise mnist imges keras",
# ]
# errors = ["TypeError: unsupported operand type(s) for /: 'tuple' and 'float'"]
# apis = ["keras.layers.Rescaling", "keras.Model.fit"]
# replaces = ["x_train, x_test = mnist.load_data()", "ImageDataGenerator(rescale=1./255)"]
# why = """A step in the direction of the gradient is as large as the inputs: on digits of 0 to 255 plain SGD at rate
# 0.1 gave nothing but chance, in the demo, and on the same digits of 0 to 1 more than 80 % in five epochs. Adam
# forgives more of it. As a Rescaling layer the division is a part of the model: it is saved, exported and cannot be
# forgotten in use."""
# pitfalls = """Divide once: images that are float already, or a pretrained model with its own preprocessing, are not to
# be divided again. load_data gives two pairs, (x_train, y_train), (x_test, y_test)."""
# when_not = "Features that are no pixels: Normalization, adapted to the training data."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: unsupported operand type(s) for /: 'tuple' and 'float'"
# ///
"""Pixels from 0..255 to 0..1 inside the model, and what it is like without."""

import keras
import numpy as np
from sklearn.datasets import load_digits


def build(*, rescale: bool) -> keras.Model:
    """Images (B, 8, 8), 0 to 255, to logits (B, 10)."""
    keras.utils.set_random_seed(0)
    scaling = [keras.layers.Rescaling(1 / 255)] if rescale else []
    layers = [*scaling, keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape=(8, 8)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=["accuracy"], jit_compile=False)
    return model


if __name__ == "__main__":
    digits = load_digits()
    images, labels = (digits.images * (255 / 16)).astype("uint8"), digits.target
    accuracy = {}
    for rescale in (False, True):
        model = build(rescale=rescale)
        model.fit(images[:1400], labels[:1400], epochs=5, batch_size=16, verbose=0)
        accuracy[rescale] = model.evaluate(images[1400:], labels[1400:], verbose=0)[1]
    print(f"raw pixels {accuracy[False]:.2f}, scaled inside the model {accuracy[True]:.2f}")
    assert accuracy[True] > 0.75 and accuracy[False] < 0.5

    kernel, bias = (np.asarray(weight) for weight in model.layers[2].weights)
    by_hand = np.maximum((images[1400:] / 255).reshape(-1, 64) @ kernel + bias, 0)
    kernel, bias = (np.asarray(weight) for weight in model.layers[3].weights)
    expected = by_hand @ kernel + bias  # the bytes of a camera go in as they are
    assert np.allclose(model.predict(images[1400:], verbose=0), expected, atol=1e-3)
