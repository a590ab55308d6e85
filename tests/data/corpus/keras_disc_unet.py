"""Segment coloured discs in small pictures with a U-Net that computes in bfloat16 and answers in float32."""

import keras
import numpy as np
from keras import layers

SEED = 17
SIZE = 16
CLASSES = 3  # background, red disc, blue disc
CLASS_WEIGHTS = np.array([0.5, 1.5, 1.5], dtype="float32")
BATCH_SIZE = 32
EPOCHS = 8


def make_pictures(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, 16, 16, 3) of bytes and the class of each pixel (N, 16, 16)."""
    planes = rng.normal(110.0, 20.0, (count, 3, SIZE, SIZE))  # drawn plane by plane: red, green, blue
    masks = np.zeros((count, SIZE, SIZE), dtype="int32")
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for picture, mask in zip(planes, masks, strict=True):
        for label, plane in ((1, 0), (2, 2)):
            row, column = rng.uniform(4.0, SIZE - 4.0, 2)
            disc = (rows - row) ** 2 + (columns - column) ** 2 < rng.uniform(2.0, 4.0) ** 2
            picture[:, disc] = rng.normal(70.0, 20.0, (3, int(disc.sum())))
            picture[plane, disc] += 110.0
            mask[disc] = label
    pictures = np.moveaxis(planes, 1, -1)
    return np.clip(pictures, 0.0, 255.0).astype("uint8"), masks


def convolve(x, filters: int):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
    return x


def build_model() -> keras.Model:
    """Pictures of bytes to logits (B, 16, 16, classes)."""
    pictures = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(pictures)
    fine = convolve(x, 8)
    x = convolve(layers.MaxPooling2D(2)(fine), 12)
    x = layers.Conv2DTranspose(8, 2, strides=2)(x)
    x = convolve(layers.Concatenate()([x, fine]), 8)
    logits = layers.Conv2D(CLASSES, 1, dtype="float32", name="logits")(x)
    return keras.Model(pictures, logits, name="disc_unet")


def mean_iou(model: keras.Model, pictures: np.ndarray, masks: np.ndarray) -> float:
    predicted = np.argmax(model.predict(pictures, batch_size=64, verbose=0), axis=-1)
    metric = keras.metrics.MeanIoU(num_classes=CLASSES)
    metric.update_state(masks, predicted)
    return float(metric.result())


def main() -> None:
    keras.utils.set_random_seed(SEED)
    keras.config.set_dtype_policy("mixed_bfloat16")
    rng = np.random.default_rng(SEED)
    x_train, y_train = make_pictures(256, rng)
    x_val, y_val = make_pictures(48, rng)
    x_test, y_test = make_pictures(64, rng)

    model = build_model()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    model.fit(
        x_train,
        y_train,
        sample_weight=CLASS_WEIGHTS[y_train],
        validation_data=(x_val, y_val, CLASS_WEIGHTS[y_val]),
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        verbose=2,
    )
    print(f"test mean IoU {mean_iou(model, x_test, y_test):.3f}")


if __name__ == "__main__":
    main()
