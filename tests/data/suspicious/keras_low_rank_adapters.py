"""Right: only the low-rank adapters and the head learn (LoRA); the adapted kernels stay as they were pre-trained."""

import keras
import numpy as np
from keras import layers

SEED = 20


def compile_for(model: keras.Model, learning_rate: float) -> None:
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
    )


def make_task(count: int, angle: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, 2) and whether they lie in the first or third quarter of axes turned by the angle."""
    x = rng.normal(size=(count, 2))
    turned = x @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return x.astype("float32"), (turned[:, :1] * turned[:, 1:] > 0).astype("float32")


def main() -> None:
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    dense = [layers.Dense(32, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((2,)), *dense, layers.Dense(1)])
    compile_for(model, 1e-2)
    model.fit(*make_task(1000, 0.0, rng), batch_size=50, epochs=8, verbose=0)

    for layer in dense:
        layer.enable_lora(rank=4)
        layer.bias.trainable = False
    compile_for(model, 1e-2)
    model.fit(*make_task(1000, 0.6, rng), batch_size=50, epochs=10, verbose=2)
    scores = model.evaluate(*make_task(400, 0.6, rng), return_dict=True, verbose=0)
    print(f"test accuracy on the turned task {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
