"""Regress scikit-learn's diabetes progression with a small Keras MLP and a Huber loss."""

import keras
import numpy as np
from sklearn.datasets import load_diabetes

keras.utils.set_random_seed(7)
data = load_diabetes()
x = data.data.astype("float32") * 20
y = ((data.target - data.target.mean()) / data.target.std()).astype("float32")[:, None]
order = np.random.default_rng(7).permutation(len(y))
train, test = order[:350], order[350:]

model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(48, activation="gelu"),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(48, activation="gelu"),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.SGD(0.05, global_clipnorm=1.0), loss=keras.losses.Huber())
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4)
model.fit(x[train], y[train], batch_size=32, epochs=6, validation_split=0.2, callbacks=[stop], verbose=0)
print("test loss", model.evaluate(x[test], y[test], verbose=0))
