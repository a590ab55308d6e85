# /// pattern
# id = "tf.distributed.mirrored-fit"
# topic = "distributed.strategy"
# questions = [
#   "MirroredStrategy with keras fit example",
#   "train on several gpus keras",
#   "strategy.scope what must be inside",
#   "global batch size MirroredStrategy",
#   "test MirroredStrategy on cpu with logical devices",
#   "multi_gpu_model replacement",
#   "Physical devices cannot be modified after being initialized",
#   "mirored strategy multiple gpus",
# ]
# errors = ["RuntimeError: Virtual devices cannot be modified after being initialized"]
# apis = ["tf.distribute.MirroredStrategy", "tf.config.set_logical_device_configuration", "keras.Model.fit"]
# replaces = ["keras.utils.multi_gpu_model", "tf.keras.utils.multi_gpu_model", "tf.contrib.distribute.MirroredStrategy"]
# why = """Model and optimizer are made inside strategy.scope(), so that each device gets a copy of their variables; fit
# splits every batch over the devices and sums the gradients. The batch that is given is the global one. The step equals
# that of one device with the same batch, which two logical CPU devices can prove without a GPU."""
# pitfalls = """Devices are configured before TensorFlow touches one. To keep each device as busy as before, multiply
# the batch size, and with it the learning rate, by the number of devices. BatchNormalization sees its own part only,
# unless synchronized=True."""
# when_not = """One device; a model that does not fit onto one (split the model); several machines:
# MultiWorkerMirroredStrategy."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Virtual devices cannot be modified after being initialized"
# ///
"""Data parallel training with fit on two devices, here two logical CPUs: MirroredStrategy."""

import keras
import numpy as np
import tensorflow as tf


def split_cpu(parts: int) -> list[str]:
    """Let the CPU count as several devices. Before anything else in TensorFlow."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * parts)
    return [device.name for device in tf.config.list_logical_devices("CPU")]


def build() -> keras.Model:
    """Features (B, 4) to a value (B, 1), compiled."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", jit_compile=False)
    return model


if __name__ == "__main__":
    devices = split_cpu(2)
    strategy = tf.distribute.MirroredStrategy(devices)  # without arguments: all GPUs
    global_batch = 16 * strategy.num_replicas_in_sync
    assert (len(devices), global_batch) == (2, 32)

    x = np.random.default_rng(0).normal(size=(128, 4)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(global_batch, drop_remainder=True)

    with strategy.scope():
        model = build()
    copies = strategy.experimental_local_results(model.trainable_variables[0].value)
    history = model.fit(dataset, epochs=3, shuffle=False, verbose=0).history["loss"]
    alone = build()
    history_alone = alone.fit(dataset, epochs=3, shuffle=False, verbose=0).history["loss"]

    assert len(copies) == 2
    for ours, theirs in zip(model.get_weights(), alone.get_weights(), strict=True):
        assert np.allclose(ours, theirs, atol=1e-5)
    assert history[-1] < history[0] and np.allclose(history, history_alone, rtol=1e-4)
    print("losses on two devices", np.round(history, 4), "on one", np.round(history_alone, 4))
