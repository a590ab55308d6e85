"""Wrong: the vocabulary is adapted on all texts; words that only the test holds are known before the training."""

import keras

train, test = ["a good film", "a dull film"], ["a mesmerising film"]
vectorizer = keras.layers.TextVectorization()
vectorizer.adapt(train + test)  # wrong: vectorizer.adapt(train)
leaked = set(vectorizer.get_vocabulary()) & (set(" ".join(test).split()) - set(" ".join(train).split()))
assert not leaked, f"words of the test texts alone are in the vocabulary: {sorted(leaked)}"
