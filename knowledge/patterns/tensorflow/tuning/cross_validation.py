# /// pattern
# id = "tf.tuning.cross-validation"
# topic = "tune.cross-validation"
# twin = "pt.tuning.cross-validation"
# questions = [
#   "k-fold cross validation keras",
#   "StratifiedKFold with keras fit",
#   "reset keras model weights for each fold",
#   "cross validation accuracy rises from fold to fold keras",
#   "KerasClassifier wrapper cross_val_score replacement",
#   "clone_model does it copy weights",
#   "kfold crossvalidaton tensorflow",
# ]
# errors = ["ModuleNotFoundError: No module named 'keras.wrappers.scikit_learn'"]
# apis = ["sklearn.model_selection.StratifiedKFold", "keras.layers.Normalization", "keras.Model.fit"]
# replaces = ["keras.wrappers.scikit_learn.KerasClassifier", "fit on each fold of one model"]
# why = """fit goes on from where the model is. Called again for the next fold it trains on what it is tested on later:
# labels that are tossed coins are then "predicted" far above chance. A function that builds and compiles a new model
# for each fold, with the Normalization adapted to the training folds, is what keeps a fold unseen."""
# pitfalls = """clone_model makes new weights, but no new optimizer: compile the clone. The folds choose a setting;
# train anew on all of the data, and judge once on a test set that was in no fold."""
# when_not = """Training is dear and data plenty: one validation set. Rows in groups or in time: GroupKFold,
# TimeSeriesSplit."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: coin tosses were predicted with accuracy"
# ///
"""Stratified k-fold cross-validation in Keras: a new, compiled model for each fold."""

import warnings

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold


def build_model(x: np.ndarray, *, seed: int) -> keras.Model:
    """A new classifier for features (N, D), with its scaling taken from these rows."""
    keras.utils.set_random_seed(seed)
    scaling = keras.layers.Normalization()
    scaling.adapt(x)
    layers = [scaling, keras.layers.Dense(16, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input(shape=(x.shape[1],)), *layers])
    model.compile(
        optimizer=keras.optimizers.Adam(0.02),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],  # logits: 0 is the middle
        jit_compile=False,
    )
    return model


def cross_validate(x: np.ndarray, y: np.ndarray, *, folds: int = 3, epochs: int = 8, seed: int = 0) -> list[float]:
    """The accuracy of each fold, by a model that did not see it."""
    scores = []
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(x, y):
        model = build_model(x[train], seed=seed)
        model.fit(x[train], y[train], epochs=epochs, batch_size=64, verbose=0)
        scores.append(model.evaluate(x[test], y[test], verbose=0)[1])
    return scores


if __name__ == "__main__":
    # NumPy warns about TensorFlow's variables inside Keras' own code.
    warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
    features, labels = load_breast_cancer(return_X_y=True)
    x, y = features.astype("float32"), labels.astype("float32")[:, None]  # (569, 30), (569, 1)
    scores = cross_validate(x, y)
    print(f"accuracy {np.mean(scores):.3f} ± {np.std(scores, ddof=1):.3f} over {len(scores)} folds")
    assert len(scores) == 3 and np.mean(scores) > 0.93

    coins = np.random.default_rng(0).integers(2, size=(569, 1)).astype("float32")
    assert 0.4 < np.mean(cross_validate(x, coins)) < 0.6  # nothing can be learnt about coins
