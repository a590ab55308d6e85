"""Predict the 10%, 50% and 90% quantiles of a building's energy use from the weather and its occupancy."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

SEED = 11
QUANTILES = (0.1, 0.5, 0.9)
FEATURES = ("temperature", "pressure", "hour_sin", "hour_cos", "occupants", "insulation")
BATCH_SIZE = 64
EPOCHS = 20
MODEL_PATH = Path("energy_quantiles.keras")


@keras.saving.register_keras_serializable(package="energy")
def pinball_loss(y_true, y_pred):
    """Pinball loss of each sample; y_true (B, 1), y_pred (B, 3), one column for each quantile."""
    quantiles = ops.convert_to_tensor(QUANTILES, dtype=y_pred.dtype)
    error = y_true - y_pred  # (B, 3)
    return ops.mean(ops.maximum(quantiles * error, (quantiles - 1.0) * error), axis=-1)


def make_measurements(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, 6) and energy use (N, 1) in kWh, noisier in occupied buildings."""
    temperature = rng.normal(12.0, 8.0, count)
    pressure = rng.normal(1013.0, 6.0, count)
    hour = rng.uniform(0.0, 2.0 * np.pi, count)
    occupants = rng.integers(0, 40, count).astype("float64")
    insulation = rng.uniform(0.2, 1.0, count)
    heating = np.maximum(18.0 - temperature, 0.0) / insulation
    energy = 5.0 + 0.9 * heating + 0.4 * occupants * (1.0 + np.sin(hour)) + rng.normal(0.0, 1.0 + 0.1 * occupants)
    features = np.stack([temperature, pressure, np.sin(hour), np.cos(hour), occupants, insulation], axis=1)
    return features.astype("float32"), energy[:, None].astype("float32")


def build_model(normalizer: keras.layers.Normalization, target_mean: float, target_std: float) -> keras.Model:
    inputs = keras.Input((len(FEATURES),), name="measurements")
    hidden = normalizer(inputs)
    for _ in range(2):
        hidden = keras.layers.Dense(48, activation="relu")(hidden)
        hidden = keras.layers.Dropout(0.05)(hidden)
    scores = keras.layers.Dense(len(QUANTILES))(hidden)
    quantiles = keras.layers.Rescaling(target_std, offset=target_mean, name="quantiles")(scores)
    return keras.Model(inputs, quantiles, name="energy_quantiles")


def report(model: keras.Model, x_test: np.ndarray, y_test: np.ndarray, y_train: np.ndarray) -> None:
    predicted = model.predict(x_test, batch_size=256, verbose=0)  # (N, 3)
    median_error = np.mean(np.abs(y_test - predicted[:, 1:2]))
    baseline = np.mean(np.abs(y_test - np.median(y_train)))
    inside = np.mean((y_test >= predicted[:, :1]) & (y_test <= predicted[:, 2:]))
    print(f"median error {median_error:.2f} kWh, baseline {baseline:.2f} kWh, inside the 80% band {inside:.2f}")


def main() -> None:
    keras.utils.set_random_seed(SEED)
    features, energy = make_measurements(2000, np.random.default_rng(SEED))
    x_train, x_val, x_test = features[:1400], features[1400:1700], features[1700:]
    y_train, y_val, y_test = energy[:1400], energy[1400:1700], energy[1700:]

    normalizer = keras.layers.Normalization()
    normalizer.adapt(x_train)
    model = build_model(normalizer, float(y_train.mean()), float(y_train.std()))

    steps = EPOCHS * int(np.ceil(len(x_train) / BATCH_SIZE))
    schedule = keras.optimizers.schedules.CosineDecay(5e-3, decay_steps=steps)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=schedule), loss=pinball_loss)
    model.fit(
        x_train,
        y_train,
        validation_data=(x_val, y_val),
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)],
        verbose=2,
    )
    model.save(MODEL_PATH)
    report(keras.saving.load_model(MODEL_PATH), x_test, y_test, y_train)


if __name__ == "__main__":
    main()
