# /// pattern
# id = "tf.migration.gpu-available"
# topic = "migration.devices"
# questions = [
#   "tf.test.is_gpu_available deprecated",
#   "check if tensorflow sees the gpu",
#   "tf.config.experimental.list_physical_devices",
#   "memory growth tensorflow gpu takes all memory",
#   "tf.ConfigProto gpu_options allow_growth replacement",
#   "tensorflow gpu availible check",
# ]
# errors = [
#   "AttributeError: module 'tensorflow' has no attribute 'ConfigProto'",
#   "WARNING:tensorflow: is_gpu_available (from tensorflow.python.framework.test_util) is deprecated",
#   "RuntimeError: Physical devices cannot be modified after being initialized",
# ]
# apis = [
#   "tensorflow.config.list_physical_devices",
#   "tensorflow.config.experimental.set_memory_growth",
#   "tensorflow.config.set_logical_device_configuration",
# ]
# replaces = [
#   "tf.test.is_gpu_available",
#   "tf.config.experimental.list_physical_devices",
#   "tf.ConfigProto",
#   "gpu_options.allow_growth",
#   "per_process_gpu_memory_fraction",
#   "K.tensorflow_backend._get_available_gpus",
# ]
# why = """list_physical_devices only looks; is_gpu_available also starts every device, takes its memory, and after
# that nothing can be set. ConfigProto's options are functions of tf.config, called before the first operation."""
# pitfalls = """On a machine without a GPU the list is empty and nothing fails: training is just slow.
# tf.config.set_soft_device_placement(False) makes a missing device an error."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: module 'tensorflow' has no attribute 'ConfigProto'"
# ///
"""Find the GPUs, and set their memory before TensorFlow starts them."""

import tensorflow as tf


def prepare_gpus() -> int:
    """Let memory grow on each GPU, in place of taking all of it; the number of GPUs. Call it first of all."""
    gpus = tf.config.list_physical_devices("GPU")  # tf.test.is_gpu_available()
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)  # gpu_options.allow_growth
    return len(gpus)


if __name__ == "__main__":
    count = prepare_gpus()
    (cpu,) = tf.config.list_physical_devices("CPU")
    two = [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()]
    tf.config.set_logical_device_configuration(cpu, two)  # what is set before the start ...

    with tf.device("CPU:1"):
        total = tf.reduce_sum(tf.ones((2, 3)))
    assert len(tf.config.list_logical_devices("CPU")) == 2
    assert total.device.endswith("CPU:1") and float(total) == 6.0
    refused = False
    try:
        tf.config.set_logical_device_configuration(cpu, two[:1])  # ... cannot be changed after it
    except RuntimeError as error:
        refused = "cannot be modified" in str(error)
    assert refused
    print(f"{count} GPUs, computed on {total.device}")
