"""Wrong: an embedding with one row for each value; the code of the last one is beyond it, as 0 is the unknown's."""

import keras

cities = ["Berlin", "London", "Paris"]
lookup = keras.layers.StringLookup(vocabulary=cities, num_oov_indices=1)
embedding = keras.layers.Embedding(len(cities), 4)  # wrong: lookup.vocabulary_size()
embedding(lookup(cities))
