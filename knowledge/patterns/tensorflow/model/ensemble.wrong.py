"""Wrong: the mean of the weights of networks that were trained apart, in place of the mean of their answers."""

import keras
import numpy as np
from sklearn.datasets import load_digits

if __name__ == "__main__":
    data, y = load_digits(return_X_y=True)
    x = (data / 16).astype("float32")
    models = []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)]
        model = keras.Sequential([keras.Input(shape=(64,)), *layers])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
        model.fit(x, y, epochs=6, batch_size=64, verbose=0)
        models.append(model)

    alone = (models[0].predict(x, verbose=0).argmax(axis=1) == y).mean()
    weights = [np.mean(same, axis=0) for same in zip(*(model.get_weights() for model in models), strict=True)]
    models[0].set_weights(weights)
    averaged = (models[0].predict(x, verbose=0).argmax(axis=1) == y).mean()
    assert averaged > alone - 0.02, f"the averaged weights are right for {averaged:.0%}, one member for {alone:.0%}"
