"""Wrong: appending to a list inside a tf.function; it happens once, while tracing."""

import tensorflow as tf

losses = []


@tf.function
def step(x: tf.Tensor) -> tf.Tensor:
    """The loss of one step."""
    loss = tf.reduce_mean(tf.square(x))
    losses.append(loss)  # wrong: return it, and append outside
    return loss


for number in range(5):
    step(tf.fill((3,), float(number)))
assert len(losses) == 5, f"{len(losses)} of 5 losses was kept, and it has no value: {losses[0]}"
