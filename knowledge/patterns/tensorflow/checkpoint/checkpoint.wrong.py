"""Wrong: a whole model in an .hdf5 file, as many older examples have it."""

import keras

if __name__ == "__main__":
    checkpoint = keras.callbacks.ModelCheckpoint("weights.best.hdf5", monitor="val_accuracy", save_best_only=True)
