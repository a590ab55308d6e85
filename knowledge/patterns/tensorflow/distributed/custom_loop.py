# /// pattern
# id = "tf.distributed.custom-loop"
# topic = "distributed.gradients"
# twin = "pt.distributed.shard-gradients"
# questions = [
#   "custom training loop with MirroredStrategy",
#   "compute_average_loss global_batch_size",
#   "strategy.run and strategy.reduce example",
#   "loss is too large with tf.distribute custom loop",
#   "gradients are summed not averaged MirroredStrategy",
#   "experimental_distribute_dataset",
#   "distributed gradient tape tensorflow",
#   "compute_avarage_loss mirroredstrategy",
# ]
# apis = ["tf.distribute.Strategy.run", "tf.distribute.Strategy.reduce", "tf.nn.compute_average_loss",
#   "tf.distribute.Strategy.experimental_distribute_dataset", "tf.GradientTape"]
# replaces = ["strategy.experimental_run_v2", "tf.reduce_mean(loss) inside strategy.run"]
# why = """The gradients of the replicas are SUMMED. Each replica must therefore divide its loss by the global batch
# size, not by its own: that is compute_average_loss. With a plain mean the step is as many times too long as there are
# devices, and nothing is raised."""
# pitfalls = """Losses are built with reduction="none" here. Regularisation goes through
# tf.nn.scale_regularization_loss. The last batch must be full, or its size be counted over all replicas."""
# when_not = "fit does: it divides and reduces by itself."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the step is 2.0 times too long"
# ///
"""A training loop by hand on two devices, whose steps equal those of one device."""

import keras
import numpy as np
import tensorflow as tf

GLOBAL_BATCH = 32


def split_cpu(parts: int) -> list[str]:
    """Let the CPU count as several devices. Before anything else in TensorFlow."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * parts)
    return [device.name for device in tf.config.list_logical_devices("CPU")]


def train(strategy: tf.distribute.Strategy, x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[float]]:
    """Weights after one epoch, and the loss of each step; x (N, 4), y (N, 1)."""
    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(model.trainable_variables)
        criterion = keras.losses.MeanSquaredError(reduction="none")

    def replica_step(features: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = criterion(targets, model(features, training=True))  # (B / replicas,)
            loss = tf.nn.compute_average_loss(losses, global_batch_size=GLOBAL_BATCH)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))  # sums over the replicas
        return loss

    @tf.function
    def step(features: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        per_replica = strategy.run(replica_step, args=(features, targets))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, per_replica, axis=None)

    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(GLOBAL_BATCH, drop_remainder=True)
    losses = [float(step(*batch)) for batch in strategy.experimental_distribute_dataset(dataset)]
    return model.get_weights(), losses


if __name__ == "__main__":
    mirrored = tf.distribute.MirroredStrategy(split_cpu(2))
    x = np.random.default_rng(0).normal(size=(160, 4)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    two, losses_two = train(mirrored, x, y)
    one, losses_one = train(tf.distribute.get_strategy(), x, y)  # the default: one device
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(two, one, strict=True))
    assert np.allclose(losses_two, losses_one, rtol=1e-4) and losses_two[-1] < losses_two[0]
    print("losses", np.round(losses_two, 4))
