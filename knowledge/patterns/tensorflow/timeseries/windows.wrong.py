"""Wrong: the series itself as the targets; each belongs to the window that begins at its place."""

import keras
import numpy as np

series = np.arange(100.0)
dataset = keras.utils.timeseries_dataset_from_array(series, series, sequence_length=10)  # wrong: series[10:]
x, y = next(iter(dataset))
inside = np.mean([target in window for window, target in zip(x.numpy(), y.numpy(), strict=True)])
assert inside == 0, f"the target stands in its window in {inside:.0%} of the cases"
