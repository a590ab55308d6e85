"""Whether a dataset gives the same sample each time it is asked. Runs inside the jail, once the program has ended."""

import time
from typing import Any

import numpy as np
import torch

from observe.data import marks, values
from observe.torch.data import leaves

ASKED = 8
DRAWS = 4
SECONDS = 0.4


def redraw(dataset: Any) -> dict[str, Any] | None:
    """How many of a few samples differ when they are drawn again with the same label; None where it cannot be told."""
    if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__") or len(dataset) < ASKED:
        return None
    ends, drawn, differ = time.monotonic() + SECONDS, 0, 0
    for index in np.linspace(0, len(dataset) - 1, ASKED).astype(int).tolist():
        first = _item(dataset[index])
        if first is None or time.monotonic() > ends:
            break
        again = [_item(dataset[index]) for _ in range(DRAWS - 1)]
        if None in again or not (all(one[1] == first[1] for one in again) or _comes_again([first, *again])):
            return None  # other labels each time: made-up samples, which are meant to differ
        drawn += 1
        differ += any(one[0] != first[0] for one in again)
    return {"drawn": drawn, "differ": differ} if drawn else None


def _comes_again(draws: list[Any]) -> bool:
    """Whether a sample and its label came out twice: one of a few versions, such as a picture and its mirror image."""
    return len(set(draws)) < len(draws)


def _item(item: Any) -> tuple[float, bytes] | None:
    """Mark and label of a sample that is made of floating-point values and has a smaller label."""
    parts = [torch.as_tensor(one) for one in leaves(item) if isinstance(one, (torch.Tensor, np.ndarray, int, float))]
    if len(parts) < 2 or not parts[0].is_floating_point() or not 0 < parts[0].numel() > parts[-1].numel():
        return None
    rows = values(parts[0].detach().numpy()[None])
    return (float(marks(rows)[0]), parts[-1].numpy().tobytes()) if rows is not None else None
