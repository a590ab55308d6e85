import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)
tokens = keras.Input((12,), dtype="int32")
x = layers.Embedding(30, 16)(tokens)
for _ in range(2):
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 8, dropout=0.1)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, activation="gelu")(x)))
model = keras.Model(tokens, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.AdamW(1e-3, weight_decay=0.02), loss=loss)
inputs = np.random.default_rng(0).integers(0, 30, (96, 12))
model.fit(inputs, inputs[:, 0] % 2, batch_size=32, epochs=2, verbose=0)
model.evaluate(inputs, inputs[:, 0] % 2, verbose=0)
