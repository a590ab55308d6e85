# /// pattern
# id = "tf.data.csv-regression"
# topic = "data.tabular"
# role = "data"
# provides = "csv-regression"
# entry = "load_splits"
# twin = "pt.data.csv-regression"
# questions = [
#     "load a csv for keras regression",
#     "read csv with missing values and text columns into numpy",
#     "one hot encode categorical columns for a neural network",
#     "impute missing values with the median of the training rows",
#     "pandas dataframe to tensorflow train val test",
#     "csv regresion keras",
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
"""A CSV file as standardised numbers and one-hot categories, for regression."""

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
    """Features float32 (N, F) and standardised targets float32 (N, 1); target * target_std + target_mean undoes it."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    target_mean: float
    target_std: float


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


def load_splits(path: Path, target: str, *, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read the file, split its rows, encode features and standardise the target with what the training rows know."""
    table = read_table(path, target=target)
    targets = table[target].to_numpy(dtype=np.float32)[:, np.newaxis]  # (N, 1)
    features = table.drop(columns=target)
    train, held_out = train_test_split(np.arange(len(table)), train_size=fractions[0], random_state=seed)
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, random_state=seed)
    encoder = build_encoder(features).fit(features.iloc[train])
    encoded = encoder.transform(features).astype(np.float32)  # (N, F)
    mean, std = float(targets[train].mean()), float(targets[train].std())
    targets = (targets - mean) / std
    return Splits(
        (encoded[train], targets[train]), (encoded[val], targets[val]), (encoded[test], targets[test]), mean, std
    )


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    sizes = rng.normal(80, 20, size=300)
    cities = rng.choice(["Bern", "Oslo", "Rome"], size=300)
    prices = 5000 * sizes + 100_000 * (cities == "Bern") + rng.normal(0, 1000, size=300)
    sizes[::10] = np.nan
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flats.csv"
        pd.DataFrame({"size": sizes, "city": cities, "price": prices}).to_csv(path, index=False)
        splits = load_splits(path, "price", fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train
    print(features.shape, targets.shape, f"target mean {splits.target_mean:.0f}")
    assert features.shape == (210, 4) and targets.shape == (210, 1) and targets.dtype == np.float32
    assert all(np.isfinite(features).all() for features, _ in splits[:3])
    assert abs(targets.mean()) < 1e-3 and 300_000 < splits.target_mean < 600_000
