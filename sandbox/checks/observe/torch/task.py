"""Compares the targets that PyTorch's losses are given with the inputs of the call before.

Runs inside the jail.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as functional
from torch.utils._pytree import tree_flatten

from observe.passes import timed
from observe.record import harmless
from observe.task import Relations
from observe.torch.calls import to_numpy

LOSSES = ("cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


class Task:
    """Takes the first batches that are trained on, and then ever fewer."""

    name = "task"

    def __init__(self, watch: Any) -> None:
        self.record, self.relations = watch.record, Relations()
        self.inputs: list[torch.Tensor] = []
        self.target: torch.Tensor | None = None
        self.record.on("called", self._called)
        for name in LOSSES:
            setattr(functional, name, self._watched(getattr(functional, name)))

    def facts(self, root: Any) -> dict[str, Any]:
        return self.relations.facts()

    def _watched(self, original: Callable[..., Any]) -> Callable[..., Any]:
        look = harmless(self.record)(self._loss)

        def loss(input: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            if not torch.compiler.is_compiling() and isinstance(target, torch.Tensor):
                look(target)
            return original(input, target, *args, **kwargs)

        return loss

    def _loss(self, target: torch.Tensor) -> None:
        """A loss inside of a model waits for the call to return, which tells the inputs."""
        if not torch.is_grad_enabled():
            return
        if self.record.depth:
            self.target = target
        elif self.inputs:
            self._look(self.inputs, target)

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        if not torch.is_grad_enabled():
            return
        self.inputs = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, torch.Tensor)]
        target, self.target = self.target, None
        if target is not None:
            self._look(self.inputs, target)

    def _look(self, inputs: list[torch.Tensor], target: torch.Tensor) -> None:
        if self.relations.wanted():
            timed(self.record, self._compare, inputs, target)

    def _compare(self, inputs: list[torch.Tensor], target: torch.Tensor) -> None:
        self.relations.look([to_numpy(one) for one in inputs], to_numpy(target))
