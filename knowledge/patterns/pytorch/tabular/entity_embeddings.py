# /// pattern
# id = "pt.tabular.entity-embeddings"
# topic = "tabular.categories"
# twin = "tf.tabular.entity-embeddings"
# questions = [
#   "entity embeddings for categorical columns in pytorch",
#   "categorical features with many values in a neural network",
#   "embedding instead of one-hot for tabular data",
#   "handle unknown categories at test time",
#   "combine numeric and categorical columns in one model",
#   "pandas category codes differ between train and test",
#   "index out of range in self for a category",
#   "catgorical embeding tabular torch",
# ]
# errors = ["IndexError: index out of range in self"]
# apis = ["torch.nn.Embedding", "torch.nn.ModuleList", "pandas.unique", "pandas.Series.map"]
# replaces = ["pandas.get_dummies", "sklearn.preprocessing.LabelEncoder", "Series.cat.codes"]
# why = """A number for each category, fixed from the training rows, with 0 for what was not seen there; an embedding
# turns it into a few learnt numbers beside the numeric columns. A column of 1,000 values costs 8 inputs and not
# 1,000."""
# pitfalls = """Codes made from each table on its own number the same category differently. Drop a few categories to 0
# at random in training, or the row of the unknown is never learnt."""
# when_not = """Up to some ten values: one-hot. Mixed tables of some thousand rows: gradient-boosted trees are hard to
# beat."""
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: the same category has two codes"
# ///
"""Categories as learnt embeddings beside numeric columns, safe for categories that training never saw."""

import numpy as np
import pandas as pd
import torch
from torch import nn

UNKNOWN = 0


class Categories:
    """Columns of categories to codes: 1.. for the values of the training rows in order, 0 for all others."""

    def __init__(self, table: pd.DataFrame, columns: list[str]) -> None:
        self.codes = {
            column: {value: code for code, value in enumerate(sorted(pd.unique(table[column].dropna())), start=1)}
            for column in columns
        }
        self.sizes = [len(codes) + 1 for codes in self.codes.values()]

    def encode(self, table: pd.DataFrame) -> torch.Tensor:
        """Codes int64 (N, columns)."""
        coded = [table[column].map(codes).fillna(UNKNOWN).astype("int64") for column, codes in self.codes.items()]
        return torch.tensor(np.stack(coded, axis=1))


class TabularNet(nn.Module):
    """Codes (N, C) and numbers (N, D) to one value (N, 1)."""

    def __init__(self, sizes: list[int], numeric: int, *, hidden: int = 32, hide: float = 0.05) -> None:
        super().__init__()
        widths = [min(8, (size + 1) // 2) for size in sizes]
        self.embeddings = nn.ModuleList(nn.Embedding(*pair) for pair in zip(sizes, widths, strict=True))
        self.mlp = nn.Sequential(nn.Linear(sum(widths) + numeric, hidden), nn.ReLU(), nn.Linear(hidden, 1))
        self.hide = hide
        """Share of the categories that training takes for unknown."""

    def forward(self, codes: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        if self.training:
            codes = codes.masked_fill(torch.rand(codes.shape, device=codes.device) < self.hide, UNKNOWN)
        embedded = [table(codes[:, column]) for column, table in enumerate(self.embeddings)]
        return self.mlp(torch.cat([*embedded, numbers], dim=1))


if __name__ == "__main__":
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    price = pd.Series(rng.normal(size=40), index=[f"city {number}" for number in range(40)])
    table = pd.DataFrame({"city": rng.choice(price.index, 2000), "kind": rng.choice(["flat", "house"], 2000)})
    table["size"] = rng.normal(size=2000)
    table["value"] = price[table["city"]].to_numpy() + np.where(table["kind"] == "house", 1, -1) * table["size"]
    train, test = table[:1600], table[1600:]

    categories = Categories(train, ["city", "kind"])
    codes, test_codes = categories.encode(train), categories.encode(test)
    assert categories.sizes == [41, 3] and codes.min() == 1 and codes.max() == 40
    strange = pd.DataFrame({"city": ["Atlantis", None], "kind": ["flat", "tent"]})
    assert categories.encode(strange).tolist() == [[UNKNOWN, 1], [UNKNOWN, UNKNOWN]]

    numbers, test_numbers = (torch.tensor(part[["size"]].to_numpy(), dtype=torch.float32) for part in (train, test))
    values, test_values = (torch.tensor(part[["value"]].to_numpy(), dtype=torch.float32) for part in (train, test))
    model = TabularNet(categories.sizes, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(12):
        for rows in torch.randperm(1600).split(64):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(codes[rows], numbers[rows]), values[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.4 * losses[0]

    model.eval()
    with torch.no_grad():
        error = nn.functional.mse_loss(model(test_codes, test_numbers), test_values)
        assert model(categories.encode(strange), torch.zeros(2, 1)).isfinite().all()
    explained = 1 - (error / test_values.var()).item()
    print(f"{explained:.0%} of the variance on new rows explained")
    assert explained > 0.85
