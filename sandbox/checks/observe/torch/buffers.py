"""Means that a PyTorch model keeps to scale its inputs by, and the samples that they are the means of.

Runs inside the jail, once the program has ended.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from observe.data import Samples
from observe.torch.calls import to_numpy

CLOSE = 1e-4
"""Of a deviation: as exact as a mean in single precision is."""
MOST_VALUES = 1024
Norms = nn.modules.batchnorm._NormBase


def kept_means(modules: Iterable[nn.Module], train: Samples, held_out: list[Samples]) -> dict[str, Any] | None:
    """A buffer that is the mean of held-out samples, alone or together with those trained on, and not of the latter."""
    whole = [one for one in (train, *held_out) if one.whole and one.rows and one.rows[0].shape[1] == _width(train)]
    buffers = [buffer for module in modules for buffer in _buffers(module)]
    if len(whole) < 2 or whole[0] is not train or not buffers:
        return None
    rows = [np.unique(one.table()[0], axis=0) for one in whole]
    own, others = rows[0], [("held-out", one) for one in rows[1:]] + [("all", np.concatenate(rows))]
    for name, values in buffers:
        for of, samples in others:
            if _is_mean(values, samples, train.shape) and not _is_mean(values, own, train.shape):
                return {"name": name, "of": of, "rows": len(samples)}
    return None


def _width(samples: Samples) -> int:
    return int(np.prod(samples.shape))


def _buffers(module: nn.Module) -> Iterator[tuple[str, np.ndarray]]:
    """Small floating tensors that no optimiser trains and no normalisation layer moves by itself."""
    for path, owner in module.named_modules():
        if isinstance(owner, Norms):
            continue
        for name, value in [*owner._buffers.items(), *vars(owner).items()]:
            plain = type(value) is torch.Tensor and value.is_floating_point() and not value.requires_grad
            if plain and 0 < value.numel() <= MOST_VALUES and bool(value.any()):
                yield f"{path}.{name}".lstrip("."), to_numpy(value).ravel().astype(np.float64)


def _is_mean(values: np.ndarray, rows: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Over all values, or for each value, each feature on the last axis or each channel on the first one."""
    samples = rows.reshape(len(rows), *shape).astype(np.float64)
    last, first = tuple(range(samples.ndim - 1)), (0, *range(2, samples.ndim))
    for axes in (None, 0, last, first):
        mean, deviation = np.atleast_1d(samples.mean(axes)).ravel(), np.atleast_1d(samples.std(axes)).ravel()
        if mean.shape == values.shape and (deviation > 0).any():
            return bool((np.abs(mean - values) <= CLOSE * deviation + 1e-6 * np.abs(mean)).all())
    return False
