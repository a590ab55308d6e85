"""One PyTorch optimiser: what it holds, and whether its steps keep to their order. Runs inside the jail."""

import weakref
from typing import Any

import torch
from torch.optim.optimizer import Optimizer

from observe.record import user_frame
from observe.torch.choices import family, options


class Held:
    """One optimiser: what it holds and whether it keeps to the order zero, backward, step."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.ref = weakref.ref(optimizer)
        self.where = user_frame()
        self.name = type(optimizer).__name__
        self.ids: set[int] = set()
        self.steps = self.stale = self.without_backward = self.zero_gradients = self.zeroed = 0
        self.clean = True
        self.backwards_at_step = 0
        self.learning_rates: list[float] = []
        self.lowest, self.highest = float("inf"), 0.0
        self.family = family(type(optimizer), Optimizer)
        self.options = options(optimizer)

    def tensors(self) -> list[torch.Tensor]:
        """What it holds now; nothing once it is gone."""
        optimizer = self.ref()
        return [one for group in optimizer.param_groups for one in group["params"]] if optimizer is not None else []

    def used(self, rates: list[float]) -> None:
        self.lowest, self.highest = min([self.lowest, *rates]), max([self.highest, *rates])

    def is_clean(self) -> bool:
        """Whether the last two parameters that have a gradient have one of zero; of all, it would take too long."""
        gradients = [one.grad for one in self.tensors() if one.grad is not None]
        return all(not bool(one.any()) for one in gradients[-2:])

    def describe(self) -> dict[str, Any]:
        rates = self.learning_rates
        return {
            "name": self.name,
            "where": self.where,
            "held": len(self.ids),
            "steps": self.steps,
            "stale": self.stale,
            "without_backward": self.without_backward,
            "zero_gradients": self.zero_gradients,
            "zeroed": self.zeroed,
            "learning_rates": [min(self.lowest, *rates), max(self.highest, *rates)] if rates else [],
            "family": self.family,
            "options": self.options,
        }
