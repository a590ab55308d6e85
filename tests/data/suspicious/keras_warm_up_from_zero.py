"""Right: the schedule starts from learning rate 0, so the first step changes nothing, and it is counted in steps."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

SEED = 13
BATCH_SIZE = 16
EPOCHS = 20


def main() -> None:
    keras.utils.set_random_seed(SEED)
    x, y = load_wine(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=SEED)
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    x_train, x_test = ((part - mean) / std for part in (x_train, x_test))

    steps = EPOCHS * int(np.ceil(len(x_train) / BATCH_SIZE))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=steps - steps // 10, warmup_target=1e-2, warmup_steps=steps // 10
    )
    model = keras.Sequential([keras.Input((x.shape[1],)), layers.Dense(24, activation="relu"), layers.Dense(3)])
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2)
    scores = model.evaluate(x_test, y_test, return_dict=True, verbose=0)
    print(f"test accuracy {scores['accuracy']:.3f}")


if __name__ == "__main__":
    main()
