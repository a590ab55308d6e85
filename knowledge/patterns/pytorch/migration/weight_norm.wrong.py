"""Wrong: weight normalisation by the hook of before PyTorch 2.0."""

from torch import nn

layer = nn.utils.weight_norm(nn.Linear(4, 3))
