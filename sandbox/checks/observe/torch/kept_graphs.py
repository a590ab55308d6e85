"""Losses that were computed with everything a backward pass would need, and never differentiated.

Runs inside the jail.
"""

from typing import Any

import torch
import torch.nn.functional as functional

from observe.record import harmless, user_frame
from observe.torch.samples import LOSSES

MOST_NODES = 80
WAITING = 3


class KeptGraphs:
    """Counts, for each line outside of loaders, the losses that were differentiated and those that were not.

    What a model in training mode answers is left out: it may be differentiated in a way that is not seen.
    """

    name = "kept-graphs"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.passes = watch.record, watch.calls, watch.passes
        self.training = False
        self.waiting: list[tuple[Any, Any, Any]] = []
        self.lines: dict[Any, list[int]] = {}
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        for name in LOSSES:
            setattr(functional, name, self._watched(getattr(functional, name)))

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        self.training = model.module.training

    def _watched(self, original: Any) -> Any:
        note = harmless(self.record)(self._note)

        def loss(input: Any, *args: Any, **kwargs: Any) -> Any:
            value = original(input, *args, **kwargs)
            if not self.record.depth and not torch.compiler.is_compiling() and not self.training:
                note(input, value)
            return value

        return loss

    def _note(self, input: Any, value: Any) -> None:
        if self.passes.active or not isinstance(value, torch.Tensor) or value.grad_fn is None:
            return
        self.waiting.append((user_frame(), value.grad_fn, getattr(input, "grad_fn", None)))
        if len(self.waiting) > WAITING:
            self._count(self.waiting.pop(0)[0], used=False)

    def _differentiated(self, loss: Any) -> None:
        waiting, self.waiting = self.waiting, []
        if not waiting or not isinstance(loss, torch.Tensor):
            return
        nodes = reached(loss.grad_fn)
        for line, node, source in waiting:
            self._count(line, used=node in nodes or source in nodes)

    def _count(self, line: Any, *, used: bool) -> None:
        if line in self.lines or len(self.lines) < 50:
            self.lines.setdefault(line, [0, 0])[used] += 1

    def facts(self, root: Any) -> dict[str, Any]:
        for line, _, _ in self.waiting:
            self._count(line, used=False)
        return {"lines": [{"where": line, "kept": left} for line, (left, used) in self.lines.items() if not used]}


def reached(node: Any) -> set[Any]:
    """The nodes of a graph that are nearest to its end."""
    found, waiting = set(), [node]
    while waiting and len(found) < MOST_NODES:
        one = waiting.pop(0)
        if one is not None and one not in found:
            found.add(one)
            waiting += [before for before, _ in one.next_functions]
    return found
