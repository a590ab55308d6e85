"""Wrong: a linear head with from_logits=False, the default of the loss that its name gives."""

import keras
import numpy as np

if __name__ == "__main__":
    logits = np.array([[4.0, -1.0, -3.0], [-2.0, 3.0, -1.0]], dtype="float32")
    labels = np.array([1, 0])  # both predictions are wrong
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true_loss = -np.log(probabilities[np.arange(2), labels]).mean()
    loss = float(keras.losses.get("sparse_categorical_crossentropy")(labels, logits).numpy().mean())
    assert abs(loss - true_loss) < 1e-3, f"logits were read as probabilities: loss {loss:.2f}, in truth {true_loss:.2f}"
