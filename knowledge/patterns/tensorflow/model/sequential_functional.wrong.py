"""Wrong: branches as a list inside a Sequential model."""

import keras
from keras import layers

branches = [layers.Dense(8, activation="relu"), layers.Dense(8, activation="tanh")]
model = keras.Sequential([keras.Input(shape=(4,)), branches, layers.Concatenate(), layers.Dense(1)])
