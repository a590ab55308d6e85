"""Variables of the observers' own, which traced functions write to. Runs inside the jail."""

from typing import Any

import numpy as np
import tensorflow as tf

from observe.keras.private import ResourceVariable


def kept(initial: Any, *, shape: Any = None) -> tf.Variable:
    """One that may be made while a function is traced, where tf.Variable itself is forbidden."""
    with tf.init_scope():
        return ResourceVariable(initial, shape=shape, trainable=False)


def of_any_shape(dtype: tf.DType) -> tf.Variable:
    return kept(np.zeros([0], dtype.as_numpy_dtype), shape=tf.TensorShape(None))
