# /// pattern
# id = "tf.evaluation.held-out"
# topic = "evaluation.splits"
# twin = "pt.evaluation.held-out"
# questions = [
#   "train validation test split which one for what keras",
#   "cannot unpack non-iterable float object model.evaluate",
#   "loss, accuracy = model.evaluate fails",
#   "evaluate on the test set after training keras",
#   "training accuracy high test accuracy low keras",
#   "compare keras model with a baseline",
#   "validation_split takes the last samples",
#   "evalute test set keras",
# ]
# errors = ["TypeError: cannot unpack non-iterable float object",
#   "ValueError: You must call `compile()` before using the model."]
# apis = ["keras.Model.evaluate", "keras.Model.predict", "keras.callbacks.EarlyStopping",
#   "sklearn.dummy.DummyClassifier"]
# replaces = ["loss, accuracy = model.evaluate(x, y)", "validation_split=", "history.history['accuracy'][-1]"]
# why = """evaluate returns a bare number where compile was given no metrics, and a list with them: return_dict=True is
# the same for both. Validation data choose the epoch, and by choosing become a little too good; the test set is read
# once, at the end, and its figure has an error of some sqrt(p (1 - p) / n). What it is worth shows beside the commonest
# class."""
# pitfalls = """validation_split takes the last rows, before any shuffling: sorted data then lack classes in training.
# Scaling is fitted on the training part: inside the model, a Normalization layer adapted to it."""
# when_not = "A few hundred samples: cross-validation, a single split says little."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: cannot unpack non-iterable float object"
# ///
"""Three parts of the data: learn on one, choose on the second, report on the third, beside a baseline."""

import math
import warnings

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import train_test_split


def build(x_train: np.ndarray) -> keras.Model:
    """Features (B, D) as they are to a logit (B, 1); scaled inside by the training data's moments."""
    scale = keras.layers.Normalization(mean=x_train.mean(axis=0), variance=x_train.var(axis=0))
    layers = [scale, keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input(shape=(x_train.shape[1],)), *layers])
    accuracy = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)  # of a logit
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=[accuracy], jit_compile=False)
    return model


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own callbacks.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    keras.utils.set_random_seed(0)
    x, y = load_breast_cancer(return_X_y=True)
    x = x.astype("float32")
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=150, stratify=y, random_state=0)
    x_train, x_val, y_train, y_val = train_test_split(x_rest, y_rest, test_size=120, stratify=y_rest, random_state=0)

    model = build(x_train)
    best = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
    model.fit(
        x_train, y_train[:, None], validation_data=(x_val, y_val[:, None]), epochs=25, verbose=0, callbacks=[best]
    )

    test = model.evaluate(x_test, y_test[:, None], verbose=0, return_dict=True)  # once
    logits = model.predict(x_test, verbose=0)[:, 0]
    assert np.isclose(test["accuracy"], ((logits > 0) == y_test).mean())
    commonest = DummyClassifier().fit(x_train, y_train).score(x_test, y_test)
    error = math.sqrt(test["accuracy"] * (1 - test["accuracy"]) / len(y_test))
    print(f"test accuracy {test['accuracy']:.3f} +- {error:.3f}, the commonest class {commonest:.3f}")
    assert test["accuracy"] > commonest + 5 * error
