"""Image classification on small colour patches.

The patches are drawn on the fly: stripes, bars, checks, dots or nothing but noise. A small convolutional network is
built with the Functional API, trained with `fit()`, and the best epoch is read back from disk before it is tested.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

SEED = 1337
IMAGE_SIZE = 20
BATCH_SIZE = 32
EPOCHS = 6
CLASS_NAMES = ["stripes", "bars", "checks", "dots", "plain"]

keras.utils.set_random_seed(SEED)
rng = np.random.default_rng(SEED)


def draw_patch(label):
    """One uint8 image (20, 20, 3) with a random period, offset, colour and contrast."""
    rows, cols = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE]
    half = rng.integers(2, 4)
    rows, cols = (rows + rng.integers(6)) // half, (cols + rng.integers(6)) // half
    pattern = [rows % 2, cols % 2, (rows + cols) % 2, (rows % 2) * (cols % 2), np.zeros_like(rows)][label]
    colour = rng.uniform(60, 120, size=3)
    image = 60 + pattern[:, :, None] * colour + rng.normal(0, 25, (IMAGE_SIZE, IMAGE_SIZE, 3))
    return np.clip(image, 0, 255).astype("uint8")


# --- Prepare the data ---
labels = rng.integers(len(CLASS_NAMES), size=900)
images = np.stack([draw_patch(label) for label in labels])

x_train, y_train = images[:600], labels[:600]
x_val, y_val = images[600:750], labels[600:750]
x_test, y_test = images[750:], labels[750:]


def augment(image, label):
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(tf.cast(image, tf.float32), max_delta=20.0)
    return image, label


train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train))
train_ds = train_ds.shuffle(len(x_train), seed=SEED)
train_ds = train_ds.map(augment)
train_ds = train_ds.batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)
val_ds = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(BATCH_SIZE)
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(BATCH_SIZE)


# --- Build the model ---
def make_model():
    inputs = keras.Input(shape=(IMAGE_SIZE, IMAGE_SIZE, 3))
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    outputs = layers.Dense(len(CLASS_NAMES))(x)
    return keras.Model(inputs, outputs, name="texture_net")


model = make_model()

# --- Train the model ---
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
)
callbacks = [
    keras.callbacks.ModelCheckpoint("texture_net.keras", monitor="val_accuracy", mode="max", save_best_only=True),
    keras.callbacks.TerminateOnNaN(),
]
history = model.fit(
    train_ds,
    validation_data=val_ds,
    epochs=EPOCHS,
    callbacks=callbacks,
    shuffle=False,  # train_ds shuffles itself
    verbose=2,
)
print(f"Best validation accuracy: {max(history.history['val_accuracy']):.3f}")

# --- Evaluate the best epoch ---
best_model = keras.models.load_model("texture_net.keras")
test_loss, test_accuracy = best_model.evaluate(test_ds, verbose=0)
print(f"Test loss: {test_loss:.3f}, test accuracy: {test_accuracy:.3f}")

predicted = np.argmax(best_model.predict(test_ds, verbose=0), axis=1)
for index, name in enumerate(CLASS_NAMES):
    of_class = y_test == index
    print(f"{name:>8}: {np.mean(predicted[of_class] == index):.2f} of {of_class.sum()}")
