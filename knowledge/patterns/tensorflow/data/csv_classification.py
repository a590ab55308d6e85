# /// pattern
# id = "tf.data.csv-classification"
# topic = "data.tabular"
# role = "data"
# provides = "csv-classification"
# entry = "load_splits"
# twin = "pt.data.csv-classification"
# questions = [
#     "load a csv for keras classification",
#     "read csv with missing values and text columns into numpy",
#     "one hot encode categorical columns for a neural network",
#     "impute missing values with the median of the training rows",
#     "pandas dataframe to tensorflow train val test",
#     "csv clasification keras",
# ]
# errors = [
#     "ValueError: could not convert string to float",
#     "ValueError: Failed to convert a NumPy array to a Tensor (Unsupported object type float).",
# ]
# apis = [
#     "pandas.read_csv",
#     "sklearn.compose.ColumnTransformer",
#     "sklearn.impute.SimpleImputer",
#     "sklearn.preprocessing.OneHotEncoder",
# ]
# replaces = ["tf.feature_column", "tf.data.experimental.make_csv_dataset"]
# why = """One ColumnTransformer, fitted on the training rows, holds every statistic: medians, means, deviations and
# known categories. Nothing of the held-out rows gets in, and unseen categories do not break it."""
# pitfalls = "Drop identifier columns: a column of unique numbers is noise that a network will learn by heart."
# when_not = "A file that does not fit into memory: stream it with tf.data."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A CSV file as standardised numbers and one-hot categories, for classification."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


class Splits(NamedTuple):
    """Features float32 (N, F) and labels int64 (N,) of each split."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def read_table(path: Path, *, target: str) -> pd.DataFrame:
    """The rows whose target is known; empty cells of text columns become the category "missing"."""
    table = pd.read_csv(path)
    if target not in table.columns:
        raise ValueError(f"{path.name} has no column {target!r}; its columns are {list(table.columns)}")
    table = table.dropna(subset=[target])
    text_columns = table.columns.difference(table.select_dtypes("number").columns).difference([target])
    for column in text_columns:
        table[column] = table[column].astype(object).fillna("missing").astype(str)
    return table


def build_encoder(features: pd.DataFrame) -> ColumnTransformer:
    """Numbers: median for missing values, then standardised. Text: one column per category, at most 50."""
    numeric = list(features.select_dtypes("number").columns)
    text = [column for column in features.columns if column not in numeric]
    numbers = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    categories = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=50, sparse_output=False)
    return ColumnTransformer([("numbers", numbers, numeric), ("categories", categories, text)], sparse_threshold=0.0)


def stratified_indices(
    labels: np.ndarray, *, fractions: tuple[float, float, float], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of train, val and test; every class keeps its share in each."""
    train, held_out = train_test_split(
        np.arange(len(labels)), train_size=fractions[0], stratify=labels, random_state=seed
    )
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, stratify=labels[held_out], random_state=seed)
    return train, val, test


def load_splits(path: Path, target: str, *, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read the file, split its rows and encode them with what the training rows know.

    The values of the target, sorted, become the classes 0..C-1.
    """
    table = read_table(path, target=target)
    _, labels = np.unique(table[target].to_numpy(), return_inverse=True)
    labels = labels.astype(np.int64)  # (N,)
    features = table.drop(columns=target)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    encoder = build_encoder(features).fit(features.iloc[train])
    encoded = encoder.transform(features).astype(np.float32)  # (N, F)
    return Splits((encoded[train], labels[train]), (encoded[val], labels[val]), (encoded[test], labels[test]))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    ages = rng.normal(40, 10, size=300)
    ages[::10] = np.nan
    cities = rng.choice(["Bern", "Oslo", "Rome"], size=300).astype(object)
    cities[::15] = None
    kinds = np.where(cities == "Rome", "warm", "cold")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        pd.DataFrame({"age": ages, "city": cities, "kind": kinds}).to_csv(path, index=False)
        splits = load_splits(path, "kind", fractions=(0.7, 0.15, 0.15), seed=0)
    features, labels = splits.train
    print(features.shape, features.dtype, np.bincount(labels))
    assert features.shape == (210, 5)  # age, three cities and "missing"
    assert all(np.isfinite(features).all() for features, _ in splits)
    assert abs(features[:, 0].mean()) < 1e-4 and set(labels) == {0, 1}
