"""Wrong: the devices are configured after TensorFlow has computed something."""

import tensorflow as tf

x = tf.ones(3)
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
