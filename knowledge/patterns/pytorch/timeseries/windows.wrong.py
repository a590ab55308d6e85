"""Wrong: windows of the whole series, split at random; what is to be forecast stands in windows of the training."""

import torch
from sklearn.model_selection import train_test_split

pieces = torch.arange(1000).unfold(0, 25, 1)  # 24 inputs and a target, as places in the series
train, test = train_test_split(pieces, test_size=0.2, random_state=0)  # wrong: cut in time, then make windows
seen = torch.isin(test[:, -1], train[:, :-1]).float().mean().item()
assert seen == 0, f"the test is not of the future: {seen:.0%} of its targets are inputs of the training"
