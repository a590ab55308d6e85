"""Held-out batches that a PyTorch program changes at random on their way from the loader to the model.

Runs inside the jail.
"""

from typing import Any

import torch

from observe.data import marks, values
from observe.passes import Pass, Passes
from observe.torch.calls import first_tensor, to_numpy

MOST_LOADERS = 12


class Augmented:
    """Holds what the model was given of the first batch of each pass against what it was given of the same before."""

    def __init__(self, passes: Passes) -> None:
        self.passes = passes
        self.batch: tuple[Any, float] | None = None
        """(loader, mark) of the latest batch, where it is the first of its pass and has a class for each sample."""
        self.seen: dict[Any, list[float]] = {}
        """The same -> marks of what the model was given, one for each pass."""

    def handed_out(self, current: Pass, leaves: list[Any]) -> None:
        known = len(self.seen) < MOST_LOADERS or any(key[0] == current.key for key in self.seen)
        given = [one for one in leaves if isinstance(one, torch.Tensor)] if current.batches == 1 and known else []
        classes = len(given) == 2 and given[1].ndim == 1 and not given[1].is_floating_point()
        mark = _mark(given[0]) if classes and given[0].is_floating_point() else None
        self.batch = None if mark is None else (current.key, mark)

    def called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        """The first call alone: a second one asks about another version of the batch, which is then meant."""
        batch, self.batch = self.batch, None
        inputs, answer = first_tensor((args, kwargs)), first_tensor(output)
        evaluated = answer is not None and not answer.requires_grad and not model.module.training
        if batch is not None and evaluated and inputs is not None and self.passes.active:
            mark = _mark(inputs)
            if mark is not None and len(self.seen.setdefault(batch, [])) < 8:
                self.seen[batch].append(mark)

    def again(self) -> dict[Any, dict[str, int]]:
        """Loader -> how often its first batch was evaluated, and how often otherwise than the first time."""
        pairs = {key: seen for (key, _), seen in self.seen.items() if len(seen) > 1}
        return {
            key: {"drawn": len(seen) - 1, "differ": sum(one != seen[0] for one in seen[1:])}
            for key, seen in pairs.items()
        }


def _mark(tensor: torch.Tensor) -> float | None:
    rows = values(to_numpy(tensor)) if tensor.device.type == "cpu" else None
    return None if rows is None else float(marks(rows).sum())
