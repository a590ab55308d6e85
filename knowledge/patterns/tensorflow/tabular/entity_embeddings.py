# /// pattern
# id = "tf.tabular.entity-embeddings"
# topic = "tabular.categories"
# twin = "pt.tabular.entity-embeddings"
# questions = [
#     "entity embeddings for categorical columns in keras",
#     "StringLookup and Embedding for a category",
#     "categorical features with many values tensorflow",
#     "unknown category at prediction time keras",
#     "combine numeric and categorical columns keras functional model",
#     "what replaces tf.feature_column embedding_column",
#     "indices is not in [0, n) embedding category keras",
#     "catgorical embeding tabular keras",
# ]
# errors = ["InvalidArgumentError: indices[2] = 3 is not in [0, 3)"]
# apis = ["keras.layers.StringLookup", "keras.layers.Embedding", "keras.layers.Concatenate"]
# replaces = ["tf.feature_column.embedding_column", "tf.feature_column.categorical_column_with_vocabulary_list"]
# why = """StringLookup, adapted on the training rows alone, numbers the categories from 1 and gives 0 to what was not
# seen there; an embedding turns the number into a few learnt ones beside the numeric columns. A column of 1,000 values
# costs 8 inputs and not 1,000."""
# pitfalls = """The embedding needs vocabulary_size() rows, the unknown one included. Turn some categories to 0 at
# random in training, or the row of the unknown is never learnt."""
# when_not = """Up to some ten values: one-hot. Mixed tables of some thousand rows: gradient-boosted trees are hard to
# beat."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "raises InvalidArgumentError: is not in [0, 3)"
# ///
"""Categories as learnt embeddings beside numeric columns, safe for categories that training never saw."""

import keras
import numpy as np
import pandas as pd
from keras import layers


def fit_lookups(table: pd.DataFrame, columns: list[str]) -> dict[str, layers.StringLookup]:
    """A lookup for each column: 1.. for the values of these rows, 0 for all others."""
    lookups = {column: layers.StringLookup(num_oov_indices=1) for column in columns}
    for column, lookup in lookups.items():
        lookup.adapt(table[column].astype(str).to_numpy(dtype=object))
    return lookups


def encode(table: pd.DataFrame, lookups: dict[str, layers.StringLookup], numeric: list[str]) -> dict[str, np.ndarray]:
    """Inputs of the model: codes int (N,) for each column, and the numbers float32 (N, len(numeric))."""
    inputs = {
        column: np.asarray(lookup(table[column].astype(str).to_numpy(dtype=object)))
        for column, lookup in lookups.items()
    }
    return inputs | {"numbers": table[numeric].to_numpy("float32")}


def build_model(lookups: dict[str, layers.StringLookup], *, numeric: int, hidden: int = 32) -> keras.Model:
    """Codes and numbers to one value (B, 1)."""
    inputs = {column: keras.Input((), dtype="int64", name=column) for column in lookups}
    embedded = []
    for column, lookup in lookups.items():
        size = lookup.vocabulary_size()  # the unknown included
        embedded.append(layers.Embedding(size, min(8, (size + 1) // 2))(inputs[column]))
    inputs["numbers"] = keras.Input((numeric,), name="numbers")
    x = layers.Concatenate()([*embedded, inputs["numbers"]])
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(hidden, activation="relu")(x)))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    price = pd.Series(rng.normal(size=40), index=[f"city {number}" for number in range(40)])
    table = pd.DataFrame({"city": rng.choice(price.index, 2000), "kind": rng.choice(["flat", "house"], 2000)})
    table["size"] = rng.normal(size=2000)
    table["value"] = price[table["city"]].to_numpy() + np.where(table["kind"] == "house", 1, -1) * table["size"]
    train, test = table[:1600], table[1600:]

    lookups = fit_lookups(train, ["city", "kind"])
    inputs, test_inputs = encode(train, lookups, ["size"]), encode(test, lookups, ["size"])
    assert lookups["city"].vocabulary_size() == 41 and inputs["city"].min() == 1 and inputs["city"].max() == 40
    strange = encode(pd.DataFrame({"city": ["Atlantis"], "kind": ["flat"], "size": [0.0]}), lookups, ["size"])
    assert strange["city"].tolist() == [0] and strange["kind"].tolist() != [0]

    model = build_model(lookups, numeric=1)
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    losses = model.fit(inputs, train[["value"]].to_numpy(), epochs=12, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.4 * losses[0]

    predicted, values = model.predict(test_inputs, verbose=0), test[["value"]].to_numpy()
    explained = 1 - np.square(predicted - values).mean() / values.var()
    assert np.isfinite(model.predict(strange, verbose=0)).all()
    print(f"{explained:.0%} of the variance on new rows explained")
    assert explained > 0.85
