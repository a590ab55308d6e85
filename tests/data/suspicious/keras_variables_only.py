"""Right: logistic regression with bare variables and its own update rule; there is no model and no optimiser."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

SEED = 19
LEARNING_RATE = 0.5


def main() -> None:
    tf.random.set_seed(SEED)
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, stratify=y, random_state=SEED)
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    x_train, x_test = (tf.constant((part - mean) / std, tf.float32) for part in (x_train, x_test))
    y_train, y_test = (tf.constant(part[:, None], tf.float32) for part in (y_train, y_test))
    batches = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(len(x_train), seed=SEED).batch(32)

    weights = tf.Variable(tf.zeros((x.shape[1], 1)))
    bias = tf.Variable(0.0)

    @tf.function
    def step(features, labels):
        with tf.GradientTape() as tape:
            logits = features @ weights + bias
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, logits))
        weight_gradient, bias_gradient = tape.gradient(loss, [weights, bias])
        weights.assign_sub(LEARNING_RATE * weight_gradient)
        bias.assign_sub(LEARNING_RATE * bias_gradient)
        return loss

    for epoch in range(8):
        losses = [float(step(features, labels)) for features, labels in batches]
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")
    predicted = (x_test @ weights + bias).numpy() > 0.0
    print(f"test accuracy {np.mean(predicted == (y_test.numpy() > 0.5)):.3f}")


if __name__ == "__main__":
    main()
