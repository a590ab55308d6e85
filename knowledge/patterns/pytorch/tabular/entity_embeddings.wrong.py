"""Wrong: codes made from each table on its own; a model trained on the one reads the other wrongly."""

import pandas as pd

train, test = pd.Series(["Berlin", "London", "Paris"]), pd.Series(["London", "Paris"])
codes = [dict(zip(part, part.astype("category").cat.codes, strict=True)) for part in (train, test)]  # wrong: one table
london = [int(table["London"]) for table in codes]
assert london[0] == london[1], f"the same category has two codes: London is {london[0]} and {london[1]}"
