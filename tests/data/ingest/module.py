"""Means without the first axis."""

import torch


def mean_of_rest(x):
    """The mean over all axes but the first.

    >>> mean_of_rest(torch.ones(2, 3))
    tensor([1., 1.])
    """
    return torch.mean(x.flatten(1), dim=1)
