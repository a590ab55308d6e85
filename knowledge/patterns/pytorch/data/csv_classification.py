# /// pattern
# id = "pt.data.csv-classification"
# topic = "data.tabular"
# role = "data"
# provides = "csv-classification"
# entry = "load_splits"
# twin = "tf.data.csv-classification"
# questions = [
#   "load a csv file for classification in pytorch",
#   "train a network on my csv, the label column is called target",
#   "csv with missing values and categorical columns to tensors",
#   "one hot encode text columns for pytorch",
#   "pandas dataframe to TensorDataset",
#   "how to handle nan in tabular data torch",
#   "clasification from csv file",
# ]
# errors = ["can't convert np.ndarray of type numpy.object_", "could not convert string to float",
#   "IndexError: Target 3 is out of bounds"]
# apis = ["pandas.read_csv", "sklearn.compose.ColumnTransformer", "sklearn.preprocessing.OneHotEncoder",
#   "sklearn.impute.SimpleImputer", "sklearn.preprocessing.StandardScaler", "torch.utils.data.TensorDataset"]
# why = """One ColumnTransformer fitted on the training rows holds every number that is learnt from data: medians,
# means, deviations and categories. The other rows are only transformed, so nothing leaks into them."""
# pitfalls = "A column that numbers the rows, or that is known only after the label, is no feature: drop it."
# when_not = "Text columns of free writing: use a text model; here they become at most 32 categories."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A CSV table as train, validation and test sets for classification.

Numbers are imputed with the median and standardised; every other column is one-hot.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch.utils.data import TensorDataset


class Splits(NamedTuple):
    """Disjoint sets of (features, label): float32 (F,) standardised, int64 () from 0 to C-1."""

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset


def split_rows(labels: np.ndarray, fractions: tuple[float, float, float], *, seed: int) -> tuple[np.ndarray, ...]:
    """Shuffled row numbers of train, val and test; stratified where every class has rows enough for it."""
    train_fraction, val_fraction, test_fraction = fractions
    stratified = np.bincount(labels).min() * min(fractions) >= 2
    rows = np.arange(len(labels))
    rest, test = train_test_split(
        rows, test_size=test_fraction, stratify=labels if stratified else None, random_state=seed
    )
    train, val = train_test_split(
        rest,
        test_size=val_fraction / (train_fraction + val_fraction),
        stratify=labels[rest] if stratified else None,
        random_state=seed,
    )
    return train, val, test


def build_preprocessor(table: pd.DataFrame) -> ColumnTransformer:
    """Medians and standard scores for the numeric columns, at most 32 categories for each of the others."""
    numeric = table.select_dtypes("number").columns
    impute_and_scale = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    one_hot = OneHotEncoder(max_categories=32, handle_unknown="infrequent_if_exist", sparse_output=False)
    return ColumnTransformer(
        [
            ("numeric", impute_and_scale, numeric),
            ("categorical", one_hot, table.columns.difference(numeric, sort=False)),
        ]
    )


def load_splits(path: Path, target: str, *, fractions: tuple[float, float, float], seed: int) -> Splits:
    """Read the table, drop rows without a label, and prepare the features with the training rows alone.

    Labels may be text or numbers; they are numbered 0..C-1 in sorted order.
    """
    table = pd.read_csv(path).dropna(subset=[target])
    classes, labels = np.unique(table.pop(target).to_numpy(), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"column {target!r} of {path} holds one class only; classification needs two or more")
    categorical = table.columns.difference(table.select_dtypes("number").columns)
    table[categorical] = table[categorical].astype(str).fillna("missing")

    train, val, test = split_rows(labels, fractions, seed=seed)
    preprocessor = build_preprocessor(table).fit(table.iloc[train])
    features = torch.tensor(preprocessor.transform(table), dtype=torch.float32)  # (N, F)
    targets = torch.tensor(labels, dtype=torch.int64)  # (N,)
    return Splits(*(TensorDataset(features[rows], targets[rows]) for rows in (train, val, test)))


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    rng = np.random.default_rng(0)
    colour = rng.choice(["red", "green", "blue"], size=200)
    table = pd.DataFrame(
        {"size": rng.normal(50, 20, 200), "colour": colour, "kind": np.where(colour == "red", "b", "a")}
    )
    table.loc[::10, "size"] = np.nan
    table.loc[::25, "colour"] = None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table.to_csv(path, index=False)
        splits = load_splits(path, "kind", fractions=(0.7, 0.15, 0.15), seed=0)
    features, labels = splits.train.tensors
    assert features.shape[1] == 5  # size, three colours, and the missing colour as a category of its own
    assert features.isfinite().all() and abs(features[:, 0].mean()) < 1e-5
    assert labels.unique().tolist() == [0, 1]
    print([len(part) for part in splits], features[0])
