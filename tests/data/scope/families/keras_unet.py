import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)
images = keras.Input((16, 16, 3))
skip = layers.Conv2D(8, 3, padding="same", activation="relu")(images)
deep = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(skip))
up = layers.Conv2DTranspose(8, 2, strides=2)(deep)
model = keras.Model(images, layers.Conv2D(2, 1)(layers.Concatenate()([skip, up])))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
x = np.random.default_rng(0).normal(size=(64, 16, 16, 3)).astype("float32")
model.fit(x, (x[..., 0] > 0).astype("int32"), batch_size=16, epochs=2, verbose=0)
model.evaluate(x, (x[..., 0] > 0).astype("int32"), verbose=0)
