"""Wrong: one weight for each class. They are taken for the weights of samples 0 and 1, and only these are drawn."""

import torch
from torch.utils.data import WeightedRandomSampler

labels = torch.tensor([0] * 900 + [1] * 100)
class_weights = 1.0 / torch.bincount(labels)  # (2,); wrong: it takes class_weights[labels]
drawn = set(WeightedRandomSampler(class_weights, num_samples=len(labels)))
assert len(drawn) > 100, f"only {len(drawn)} of {len(labels)} samples were drawn: {sorted(drawn)}"
