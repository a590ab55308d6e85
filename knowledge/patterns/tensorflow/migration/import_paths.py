# /// pattern
# id = "tf.migration.import-paths"
# topic = "migration.imports"
# questions = [
#   "No module named 'keras.layers.core'",
#   "No module named keras.utils.np_utils",
#   "ModuleNotFoundError keras.engine",
#   "cannot import to_categorical from np_utils",
#   "keras.layers.convolutional import error",
#   "tensorflow.python.keras import is wrong",
#   "old keras import pahts",
# ]
# errors = [
#   "ModuleNotFoundError: No module named 'keras.utils.np_utils'",
#   "ModuleNotFoundError: No module named 'keras.layers.core'",
#   "ModuleNotFoundError: No module named 'keras.engine'",
#   "ModuleNotFoundError: No module named 'keras.utils.vis_utils'",
#   "ModuleNotFoundError: No module named 'tensorflow.contrib'",
# ]
# apis = ["keras.layers", "keras.utils.to_categorical", "keras.utils.plot_model"]
# replaces = [
#   "keras.utils.np_utils",
#   "keras.layers.core",
#   "keras.layers.convolutional",
#   "keras.layers.recurrent",
#   "keras.layers.normalization",
#   "keras.layers.embeddings",
#   "keras.engine.topology",
#   "keras.utils.vis_utils",
#   "keras.optimizers.legacy",
#   "tensorflow.python.keras",
#   "tensorflow.contrib",
# ]
# why = """Public names live in flat modules: keras.layers.X, keras.utils.X, keras.Model. The files behind them moved
# to keras.src and are private. tensorflow.python.keras still imports, but is the frozen Keras 2, whose layers Keras 3
# does not take for layers."""
# pitfalls = "An editor that completes keras.src.… writes the next import that breaks."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises ModuleNotFoundError: No module named 'keras.utils.np_utils'"
# ///
"""Old import paths of Keras, and where each name lives now."""

import keras
import numpy as np
from keras import layers
from keras.utils import to_categorical

MOVED = {
    "keras.utils.np_utils.to_categorical": keras.utils.to_categorical,
    "keras.layers.core.Dense": keras.layers.Dense,
    "keras.layers.convolutional.Conv2D": keras.layers.Conv2D,
    "keras.layers.recurrent.LSTM": keras.layers.LSTM,
    "keras.layers.normalization.BatchNormalization": keras.layers.BatchNormalization,
    "keras.layers.embeddings.Embedding": keras.layers.Embedding,
    "keras.engine.topology.Layer": keras.layers.Layer,
    "keras.engine.training.Model": keras.Model,
    "keras.utils.vis_utils.plot_model": keras.utils.plot_model,
}

if __name__ == "__main__":
    labels = to_categorical([0, 2, 1], num_classes=3)  # (3,) to one-hot (3, 3)
    assert np.array_equal(labels, np.eye(3)[[0, 2, 1]])

    model = keras.Sequential([keras.Input(shape=(8, 8, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(3)])
    assert model.output_shape == (None, 3) and model.count_params() == 4 * 10 + (6 * 6 * 4 + 1) * 3
    for old, new in MOVED.items():
        assert new.__name__ == old.rpartition(".")[2]
        print(f"{old} -> {new.__name__}")
