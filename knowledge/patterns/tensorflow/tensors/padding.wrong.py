"""Wrong: pad_sequences with its defaults for real numbers; it makes int32 of them."""

import keras

batch = keras.utils.pad_sequences([[0.5, 1.5], [2.5]])  # wrong: dtype="float32", padding="post"
assert batch.max() == 2.5, f"the values were cut to integers: {batch.tolist()}"
