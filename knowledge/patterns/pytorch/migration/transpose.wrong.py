"""Wrong: .T of a batch, which reverses the batch dimension as well."""

import torch

batch = torch.ones(2, 3, 4)
assert batch.T.shape == (4, 3, 2)
