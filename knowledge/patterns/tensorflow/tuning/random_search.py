# /// pattern
# id = "tf.tuning.random-search"
# topic = "tune.search"
# twin = "pt.tuning.random-search"
# questions = [
#   "random search hyperparameters keras",
#   "tune a keras model without keras tuner",
#   "hyperparameter tuning example tensorflow",
#   "choose hyperparameters on validation or test set",
#   "test accuracy lower in production after tuning",
#   "sample the learning rate on a log scale keras",
#   "keras tunner RandomSearch plain python",
# ]
# apis = ["keras.Model.fit", "keras.utils.clear_session", "numpy.random.Generator.uniform"]
# replaces = ["kerastuner.RandomSearch", "keras_tuner.RandomSearch", "keras.wrappers.scikit_learn with GridSearchCV"]
# why = """Whatever chooses the settings is no longer an honest judge: the best of 200 models that only guess scores
# well above chance on the set that chose it, and 0.5 on any other. So validation data choose, the test set is used
# once. Rates are drawn by their exponent, since they matter by order of magnitude."""
# pitfalls = """clear_session() between trials, or the graphs pile up. If the best value lies at the end of its range,
# widen the range. Repeat the best few with other seeds: part of the difference is luck."""
# when_not = "Trainings that take hours: KerasTuner or Optuna, which stop bad trials early."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: models that guess reached"
# ///
"""Random search in Keras: rates on a log scale, validation data choose, the test set is used once."""

from dataclasses import asdict, dataclass

import keras
import numpy as np

Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Trial:
    """What is searched for."""

    learning_rate: float
    width: int


def draw(rng: np.random.Generator) -> Trial:
    """One setting: the rate between 1e-5 and 1, each order of magnitude as likely as the others."""
    return Trial(learning_rate=float(10 ** rng.uniform(-5, 0)), width=int(rng.choice([8, 16, 32])))


def train_model(trial: Trial, data: Split, *, seed: int = 0) -> keras.Model:
    """A network trained with these settings; the seed is the same for all of them."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(trial.width, "tanh"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input(shape=(3,)), *layers])
    model.compile(optimizer=keras.optimizers.Adam(trial.learning_rate), loss="mse", jit_compile=False)
    model.fit(*data, epochs=10, batch_size=64, verbose=0)
    return model


def error(model: keras.Model, data: Split) -> float:
    """Mean squared error; a training that exploded counts as infinite."""
    value = model.evaluate(*data, verbose=0)
    return value if np.isfinite(value) else np.inf


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(600, 3)).astype("float32")
    y = x[:, :1] * x[:, 1:2] + x[:, 2:3]
    train, validation, test = ((x[part], y[part]) for part in (slice(0, 400), slice(400, 500), slice(500, 600)))

    rng = np.random.default_rng(1)
    trials = [draw(rng) for _ in range(7)]
    errors = {trial: error(train_model(trial, train), validation) for trial in trials}
    best = min(errors, key=errors.__getitem__)
    final = error(train_model(best, train), test)  # once, with the setting that was chosen
    print(f"best {asdict(best)}; validation {errors[best]:.3f}, test {final:.3f}")
    assert final < 0.7 * np.median(list(errors.values())) and 1e-3 < best.learning_rate < 1

    exponents = np.log10([draw(rng).learning_rate for _ in range(2000)])
    shares = np.histogram(exponents, bins=5, range=(-5, 0))[0] / 2000
    assert np.abs(shares - 0.2).max() < 0.05  # each decade its fifth
