"""A numpy array straight into a layer: it is float64, the layer's weights are float32."""

import numpy as np
import torch
from torch import nn

features = torch.from_numpy(np.random.default_rng(0).normal(size=(8, 4)))
nn.Linear(4, 3)(features)  # wrong: features.float()
