# /// pattern
# id = "pt.data.csv-regression"
# topic = "data.tabular"
# role = "data"
# provides = "csv-regression"
# entry = "load_splits"
# twin = "tf.data.csv-regression"
# questions = [
#   "predict a number from a csv file with pytorch",
#   "house prices regression csv torch",
#   "load csv and train a regression mlp",
#   "fill missing values with the train median",
#   "dataframe with categories to tensors for regression",
#   "regresion csv pytorch standardize target",
# ]
# errors = ["can't convert np.ndarray of type numpy.object_", "could not convert string to float"]
# apis = ["pandas.read_csv", "sklearn.compose.ColumnTransformer", "sklearn.preprocessing.OneHotEncoder",
#   "sklearn.impute.SimpleImputer", "sklearn.preprocessing.StandardScaler", "torch.utils.data.TensorDataset"]
# why = """One ColumnTransformer fitted on the training rows holds every number learnt from the features, and the target
# is standardised with the same rows, so the loss starts near 1 whatever the units are."""
# pitfalls = "A score in standardised units is not in euros: multiply the error by target_std."
# when_not = "Rows that follow each other in time: split by date instead of at random."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""A CSV table as train, validation and test sets for regression.

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
    """Disjoint sets of (features, target): float32 (F,) and (1,), both standardised.

    A prediction in the original units is `prediction * target_std + target_mean`.
    """

    train: TensorDataset
    val: TensorDataset
    test: TensorDataset
    target_mean: float
    target_std: float


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
    """Read the table, drop rows without a target, and prepare everything with the training rows alone."""
    table = pd.read_csv(path).dropna(subset=[target])
    values = table.pop(target).to_numpy(dtype=np.float32)
    categorical = table.columns.difference(table.select_dtypes("number").columns)
    table[categorical] = table[categorical].astype(str).fillna("missing")

    train_fraction, val_fraction, test_fraction = fractions
    rest, test = train_test_split(np.arange(len(table)), test_size=test_fraction, random_state=seed)
    train, val = train_test_split(rest, test_size=val_fraction / (train_fraction + val_fraction), random_state=seed)

    preprocessor = build_preprocessor(table).fit(table.iloc[train])
    features = torch.tensor(preprocessor.transform(table), dtype=torch.float32)  # (N, F)
    mean, std = values[train].mean().item(), values[train].std().item()
    targets = torch.tensor((values - mean) / std).unsqueeze(1)  # (N, 1)
    parts = (TensorDataset(features[rows], targets[rows]) for rows in (train, val, test))
    return Splits(*parts, target_mean=mean, target_std=std)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    rng = np.random.default_rng(0)
    table = pd.DataFrame({"area": rng.normal(80, 25, 200), "town": rng.choice(["north", "south"], size=200)})
    table["price"] = 3000 * table["area"] + 40_000 * (table["town"] == "south")
    table.loc[::10, "area"] = np.nan
    with TemporaryDirectory() as folder:
        path = Path(folder) / "houses.csv"
        table.to_csv(path, index=False)
        splits = load_splits(path, "price", fractions=(0.7, 0.15, 0.15), seed=0)
    features, targets = splits.train.tensors
    assert features.shape[1] == 3 and features.isfinite().all()  # area and two towns
    assert targets.shape == (len(features), 1) and abs(targets.mean()) < 1e-4 and abs(targets.std() - 1) < 0.01
    original = torch.cat([part.tensors[1] for part in splits[:3]]) * splits.target_std + splits.target_mean
    assert abs(original.mean() - table["price"].mean()) < 1
    print([len(part) for part in splits[:3]], f"mean {splits.target_mean:.0f}, std {splits.target_std:.0f}")
