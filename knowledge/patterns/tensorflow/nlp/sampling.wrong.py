"""Wrong: probabilities given to categorical(), which takes logits: a second softmax makes them nearly even."""

import keras
import numpy as np

probabilities = np.tile(np.array([[0.9, 0.05, 0.05]], "float32"), (5000, 1))
drawn = np.asarray(keras.random.categorical(probabilities, 1, seed=0))  # wrong: np.log(probabilities)
share = (drawn == 0).mean()
assert abs(share - 0.9) < 0.05, f"a token of probability 0.90 was drawn in {share:.2f} of the cases"
