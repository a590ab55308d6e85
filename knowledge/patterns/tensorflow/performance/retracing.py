# /// pattern
# id = "tf.performance.retracing"
# topic = "performance.tf-function"
# twin = "pt.performance.recompiles"
# questions = [
#     "tf.function retracing warning",
#     "triggered tf.function retracing is expensive",
#     "why is my tf.function slow",
#     "reduce_retracing input_signature",
#     "python number argument of tf.function",
#     "retraceing tensorflow",
# ]
# errors = ["WARNING:tensorflow:5 out of the last 5 calls to <function> triggered tf.function retracing."]
# apis = ["tf.function", "tf.TensorSpec"]
# replaces = ["experimental_relax_shapes", "experimental_compile"]
# why = """tf.function traces anew for every new Python value and every new shape; a trace costs far more than the step
# it builds. Pass numbers as tensors, and state an input_signature where lengths differ."""
# pitfalls = "Python side effects (print, list.append) happen only while tracing: use tf.print and metrics."
# when_not = "A function that is called once or twice: leave it eager."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: traced 5 times"
# ///
"""A compiled function that is traced once for all lengths and step numbers."""

import tensorflow as tf


@tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32), tf.TensorSpec([], tf.int32)])
def scaled_mean(x: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
    """(B, T) and a step number to (B,): the mean of each row, fading with the step."""
    return tf.reduce_mean(x, axis=1) / tf.cast(step + 1, tf.float32)


if __name__ == "__main__":
    for step in range(5):
        result = scaled_mean(tf.ones((4, 10 + step)), tf.constant(step))
    print("traces:", scaled_mean.experimental_get_tracing_count())
    assert scaled_mean.experimental_get_tracing_count() == 1 and result.shape == (4,)
