"""Statistics of all rows: what is in the test set changes what the network is trained on."""

import torch
from sklearn.datasets import load_wine

features = torch.tensor(load_wine().data, dtype=torch.float32)  # (178, 13)
rows = torch.randperm(len(features), generator=torch.Generator().manual_seed(0))
train, test = rows[:142], rows[142:]


def standardise(features: torch.Tensor) -> torch.Tensor:
    return (features - features.mean(dim=0)) / features.std(dim=0)  # wrong: the test rows are in here


before = standardise(features)[train]
features[test] *= 2  # other test rows, the same training rows
after = standardise(features)[train]
assert torch.equal(before, after), (
    f"test rows changed the training features by up to {(before - after).abs().max():.2f}"
)
