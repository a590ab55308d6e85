"""Wrong: the comparison that was replaced in PyTorch 1.12; it lets another dtype pass."""

import torch

torch.testing.assert_allclose(torch.ones(3), torch.ones(3, dtype=torch.float64))
