# /// pattern
# id = "tf.migration.compiled-loss"
# topic = "migration.train-step"
# questions = [
#   "compiled_loss in a custom train_step keras 3",
#   "self.compiled_metrics.update_state deprecated",
#   "custom train_step keras 3 compute_loss",
#   "optimizer.minimize removed keras",
#   "override train_step with sample weights",
#   "trainstep compiled loss kears",
# ]
# errors = [
#   "UserWarning: `model.compiled_loss()` is deprecated. Instead, use",
#   "UserWarning: `model.compiled_metrics()` is deprecated. Instead, use e.g.:",
#   "AttributeError: 'SGD' object has no attribute 'minimize'",
# ]
# apis = ["keras.Model.compute_loss", "keras.Model.train_step", "keras.optimizers.Optimizer.apply"]
# replaces = ["self.compiled_loss", "self.compiled_metrics", "optimizer.minimize", "model.add_metric"]
# why = """compute_loss applies the compiled loss with sample weights and the layers' own losses; each metric of
# self.metrics is updated by name. The program's train_step ends with the weights that plain fit gives."""
# pitfalls = """self.metrics holds the loss tracker, which takes the loss, before the compiled metrics, which take
# targets and predictions."""
# when_not = "Only the loss differs: a custom loss or add_loss, and the plain fit."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: `model.compiled_loss()` is deprecated"
# ///
"""A train_step of one's own in Keras 3: compute_loss, apply, and the metrics."""

import keras
import numpy as np
import tensorflow as tf


class NormTrackingModel(keras.Sequential):
    """Trains as Sequential does, and reports the norm of the gradients."""

    def train_step(self, data: tuple) -> dict[str, tf.Tensor]:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            predictions = self(x, training=True)  # (B, 1)
            loss = self.compute_loss(x, y, predictions, sample_weight)  # self.compiled_loss(y, predictions)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)  # optimizer.minimize
        for metric in self.metrics:  # self.compiled_metrics.update_state
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(x)[0])
            else:
                metric.update_state(y, predictions, sample_weight)
        return self.get_metrics_result() | {"gradient_norm": tf.linalg.global_norm(gradients)}


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    y, weights = x.sum(axis=1, keepdims=True), np.linspace(0.5, 1.5, 60).astype("float32")

    def trained(kind: type[keras.Sequential]) -> tuple[keras.Sequential, dict[str, list[float]]]:
        keras.utils.set_random_seed(0)
        model = kind([keras.Input(shape=(3,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"], jit_compile=False)
        return model, model.fit(x, y, sample_weight=weights, epochs=3, shuffle=False, verbose=0).history

    (plain, expected), (own, history) = trained(keras.Sequential), trained(NormTrackingModel)
    np.testing.assert_allclose(own.layers[0].kernel.numpy(), plain.layers[0].kernel.numpy(), rtol=1e-5)
    for name in ("loss", "mae"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-5)
    assert history["gradient_norm"][-1] < history["gradient_norm"][0]
    print({name: round(values[-1], 3) for name, values in history.items()})
