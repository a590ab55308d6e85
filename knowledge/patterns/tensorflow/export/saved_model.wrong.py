"""Wrong: load_model on a SavedModel folder."""

import tempfile

import keras

if __name__ == "__main__":
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(1)])
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        keras.models.load_model(folder)
