"""Wrong: ten visits of each patient, split by rows. Patients of the training part come again in validation."""

import torch
from torch.utils.data import TensorDataset, random_split

torch.manual_seed(0)
patient = torch.arange(200).repeat_interleave(10)
labels = torch.randint(2, (200,))[patient]  # a coin for each patient
features = torch.randn(200, 16)[patient] + 0.1 * torch.randn(2000, 16)
train, test = random_split(TensorDataset(features, labels), [0.8, 0.2])
(x, y), (test_x, test_y) = train[:], test[:]
accuracy = (y[torch.cdist(test_x, x).argmin(dim=1)] == test_y).float().mean().item()
assert accuracy < 0.8, f"coin tosses were predicted with accuracy {accuracy:.2f}"
