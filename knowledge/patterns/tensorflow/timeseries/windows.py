# /// pattern
# id = "tf.timeseries.windows"
# topic = "timeseries.forecasting"
# twin = "pt.timeseries.windows"
# questions = [
#     "time series forecasting in keras without data leakage",
#     "timeseries_dataset_from_array targets offset",
#     "sliding windows for an lstm in tensorflow",
#     "split a time series into train and test keras",
#     "scale a time series on the training part only keras",
#     "forecast error is almost zero, suspicious keras",
#     "time series windw generator tensorflow",
# ]
# apis = ["keras.utils.timeseries_dataset_from_array", "keras.layers.LSTM"]
# replaces = ["keras.preprocessing.sequence.TimeseriesGenerator"]
# why = """Cut in time first, then make windows of each part. targets[i] belongs to the window that begins at i: for the
# next value that is series[length:]. Mean and deviation are of the training part, and what counts is the error against
# that of a naive forecast."""
# pitfalls = """The series itself as targets gives each window its own first value to forecast. Shuffle windows of the
# training part only, and never before the cut."""
# when_not = "A few hundred points with a clear season: exponential smoothing or ARIMA is hard to beat."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the target stands in its window"
# ///
"""Forecast the next value of a series: split in time, scale by the past, and compare with a naive forecast."""

import keras
import numpy as np
import tensorflow as tf


def windows(series: np.ndarray, *, length: int, shuffle: bool) -> tf.data.Dataset:
    """Series (T, 1) to batches of windows (B, length, 1) and the value that follows each (B, 1)."""
    return keras.utils.timeseries_dataset_from_array(
        series[:-1], series[length:], sequence_length=length, batch_size=64, shuffle=shuffle, seed=0
    )


def build_model(length: int) -> keras.Model:
    """Windows (B, length, 1) to the next value (B, 1), as a change of the last one."""
    window = keras.Input((length, 1))
    change = keras.layers.Dense(1)(keras.layers.LSTM(24)(window))
    return keras.Model(window, change + window[:, -1])


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    time = np.arange(1200)
    noise = np.random.default_rng(0).normal(size=1200)
    series = (50 + 10 * np.sin(2 * np.pi * time / 24) + 0.005 * time + noise)[:, None]  # (T, 1): a day and a trend
    length, cut = 24, 900
    mean, std = series[:cut].mean(), series[:cut].std()  # of the past alone
    scaled = ((series - mean) / std).astype("float32")
    train = windows(scaled[:cut], length=length, shuffle=True)
    test = windows(scaled[cut - length :], length=length, shuffle=False)  # its first target is the first after the cut

    pairs = [(x.numpy(), y.numpy()) for x, y in test]
    test_x, test_y = (np.concatenate(side) for side in zip(*pairs, strict=True))
    np.testing.assert_array_equal(test_y, scaled[cut:])
    np.testing.assert_array_equal(test_x[7], scaled[cut - length + 7 : cut + 7])
    assert sum(len(y) for _, y in train) == cut - length

    model = build_model(length)
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    losses = model.fit(train, epochs=8, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.9 * losses[0]

    error = float(np.abs(np.asarray(model(test_x)) - test_y).mean() * std)
    naive = float(np.abs(test_x[:, -1] - test_y).mean() * std)
    print(f"mean absolute error on the future: {error:.2f}, of the last value: {naive:.2f}")
    assert error < 0.8 * naive
