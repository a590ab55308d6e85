"""Wrong: functorch as a package of its own, part of PyTorch since 2.0."""

import torch
from functorch import make_functional, vmap

function, parameters = make_functional(torch.nn.Linear(3, 2))
outputs = vmap(function, in_dims=(None, 0))(parameters, torch.ones(5, 3))
