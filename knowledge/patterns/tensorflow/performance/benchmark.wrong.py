"""Wrong: one call between two clocks; a tf.function traces in its first."""

import time

import tensorflow as tf


def polynomial(x: tf.Tensor) -> tf.Tensor:
    """A sum of twenty powers, element by element."""
    return tf.add_n([x**power for power in range(20)])


def seconds(function: object, x: tf.Tensor) -> float:
    """Wrong: warm up, repeat, and take the median."""
    start = time.perf_counter()
    function(x)
    return time.perf_counter() - start


if __name__ == "__main__":
    x = tf.linspace(0.0, 1.0, 100)
    polynomial(x)
    eager, compiled = seconds(polynomial, x), seconds(tf.function(polynomial), x)
    assert compiled < eager, f"the compiled step was judged by its first call: {compiled / eager:.0f} times as slow"
