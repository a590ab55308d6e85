import keras
import numpy as np

keras.utils.set_random_seed(0)
generator = np.random.default_rng(0)
images = generator.normal(size=(960, 28, 28, 1)).astype("float32")
labels = generator.integers(0, 10, size=960)
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
)
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(images, labels, batch_size=32, epochs=1, verbose=0)
print(f"loss {history.history['loss'][-1]:.4f}")
