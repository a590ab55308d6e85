"""A column of predictions against a row of targets, in losses that are written as plain arithmetic."""

from collections.abc import Callable
from typing import Any

import torch

from observe.record import Record, harmless

OPERATIONS = ("__sub__", "__rsub__", "__mul__", "__rmul__", "sub", "subtract")


Look = Callable[[torch.Tensor, torch.Tensor], None]


def watch_shapes(record: Record, look: Look) -> None:
    """`look` is given both sides of each difference of one shape; the first of them leads to parameters."""
    for name in OPERATIONS:
        setattr(torch.Tensor, name, _watched(getattr(torch.Tensor, name), record, look if "sub" in name else None))


def _watched(original: Callable[..., Any], record: Record, look: Look | None) -> Callable[..., Any]:
    note = harmless(record)(record.note)

    def operation(self: Any, other: Any, *args: Any, **kwargs: Any) -> Any:
        if not record.depth and isinstance(other, torch.Tensor) and self.requires_grad != other.requires_grad:
            if look is not None and self.shape == other.shape:
                look(*((self, other) if self.requires_grad else (other, self)))
            shapes = sorted((tuple(self.shape), tuple(other.shape)), key=len)
            if [len(shape) for shape in shapes] == [1, 2] and shapes[1] == (shapes[0][0], 1) and shapes[0][0] > 1:
                note("outer-difference", shapes=[list(shape) for shape in shapes])
        return original(self, other, *args, **kwargs)

    return operation
