# /// pattern
# id = "tf.migration.reset-state"
# topic = "migration.metrics"
# questions = [
#   "Mean object has no attribute reset_states",
#   "reset a metric between epochs keras",
#   "metric.reset_states() error keras 3",
#   "metric values grow over epochs in custom loop",
#   "keras metric in GradientTape loop",
#   "reset_state vs reset_states",
#   "atribute reset_states keras",
# ]
# errors = [
#   "AttributeError: 'Mean' object has no attribute 'reset_states'",
#   "AttributeError: 'SparseCategoricalAccuracy' object has no attribute 'reset_states'",
# ]
# apis = ["keras.metrics.Metric.reset_state", "keras.metrics.Metric.update_state"]
# replaces = ["metric.reset_states", "reset_states"]
# why = """The method is reset_state, in the singular. Without it each epoch's value is a mean over all epochs so far,
# which the program measures."""
# pitfalls = "model.reset_metrics() resets the compiled ones; a stateful RNN layer has reset_state() too."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: 'Mean' object has no attribute 'reset_states'"
# ///
"""Metrics in a loop of one's own, begun anew in each epoch."""

import keras

if __name__ == "__main__":
    epochs = [[4.0, 2.0], [1.0, 1.0]]  # the losses of two epochs of two batches
    metric = keras.metrics.Mean(name="loss")
    means = []
    for losses in epochs:
        metric.reset_state()
        for loss in losses:
            metric.update_state(loss)
        means.append(float(metric.result()))
    assert means == [3.0, 1.0]

    metric.reset_state()
    for loss in (loss for losses in epochs for loss in losses):  # without the reset: the mean of all
        metric.update_state(loss)
    assert float(metric.result()) == 2.0
    print(f"loss of each epoch: {means}")
