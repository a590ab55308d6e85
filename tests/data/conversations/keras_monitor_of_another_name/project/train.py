"""Binary classification with early stopping on the validation accuracy."""

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def build_model(num_features: int) -> keras.Model:
    model = keras.Sequential(
        [
            keras.layers.Input((num_features,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    keras.utils.set_random_seed(0)
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
    x_train, x_val, y_train, y_val = train_test_split(x_train, y_train, test_size=0.2, random_state=0)
    scaler = StandardScaler().fit(x_train)

    model = build_model(x.shape[1])
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_accuracy", mode="max", patience=4, restore_best_weights=True
    )
    validation = scaler.transform(x_val), y_val
    history = model.fit(
        scaler.transform(x_train), y_train, validation_data=validation, epochs=15, callbacks=[stopping], verbose=0
    )
    _, accuracy = model.evaluate(scaler.transform(x_test), y_test, verbose=0)
    print(f"{len(history.epoch)} epochs, test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
