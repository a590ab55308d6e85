"""Along which axis a PyTorch program takes the largest of its model's outputs.

Runs inside the jail.
"""

from functools import wraps
from typing import Any

import torch
import torch.nn.functional as functional

from observe.record import harmless, user_frame
from observe.torch.calls import first_tensor

CHOOSING = ("argmax", "max", "topk")


class Decisions:
    """Looks at choices made outside of any model, of tensors that have the shape of its latest output."""

    name = "decisions"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.shape: tuple[int, ...] | None = None
        self.rows = 0
        self.seen: dict[Any, dict[str, Any]] = {}
        self.record.on("called", self._called)
        for name in CHOOSING:
            for owner in (torch, torch.Tensor):
                setattr(owner, name, self._watched(getattr(owner, name)))
        for owner in (torch, torch.Tensor, functional):
            owner.softmax = self._watched_softmax(owner.softmax)

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        lead, answer = first_tensor((args, kwargs)), first_tensor(output)
        self.shape = tuple(answer.shape) if answer is not None and answer.is_floating_point() else None
        self.rows = lead.shape[0] if lead is not None else 0

    def _watched(self, original: Any) -> Any:
        look = harmless(self.record)(self._look)

        @wraps(original)
        def choose(values: Any, *args: Any, **kwargs: Any) -> Any:
            if self.shape is not None and not self.record.depth and tuple(values.shape) == self.shape:
                look(original.__name__, args, kwargs)
            return original(values, *args, **kwargs)

        return choose

    def _watched_softmax(self, original: Any) -> Any:
        note = harmless(self.record)(self.record.note)

        @wraps(original)
        def softmax(values: Any, *args: Any, **kwargs: Any) -> Any:
            axis = kwargs.get("dim", args[0] if args else None)
            alone = isinstance(axis, int) and not self.record.depth and values.requires_grad and values.ndim > 1
            if alone and values.shape[axis] == 1 and len(values) > 1:
                note("softmax-of-one", shape=list(values.shape))
            return original(values, *args, **kwargs)

        return softmax

    def _look(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        place = 1 if name == "topk" else 0
        axis = kwargs.get("dim", kwargs.get("axis", args[place] if len(args) > place else None))
        if self.shape is None or not isinstance(axis, int):
            return
        key = (axis % len(self.shape), len(self.shape), user_frame())
        entry = self.seen.setdefault(
            key, {"axis": key[0], "shape": list(self.shape), "rows": self.rows, "where": key[2], "calls": 0}
        )
        entry["calls"] += 1

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": list(self.seen.values())[:20]}
