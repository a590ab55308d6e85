"""Where a PyTorch program cuts the very numbers that its model answered into yes and no.

Runs inside the jail.
"""

from functools import wraps
from typing import Any

import torch

from observe.record import harmless, user_frame
from observe.torch.calls import first_tensor

GREATER = ("__gt__", "__ge__", "gt", "ge", "greater", "greater_equal", "__lt__", "__le__", "lt", "le")
ROUNDING = ("round", "round_")
MOST_LOOKS = 40
"""Cuts of one line whose numbers are looked at."""


class Thresholds:
    """Looks at comparisons, made outside of any model, of the model's latest answer or a view of it with a number."""

    name = "thresholds"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.memory = self.values = 0
        """Where the latest answer lies, and how many values it has."""
        self.seen: dict[Any, dict[str, Any]] = {}
        self.record.on("called", self._called)
        for names, cut in ((GREATER, None), (ROUNDING, 0.5)):
            for name in names:
                for owner in (torch, torch.Tensor):
                    if hasattr(owner, name):
                        setattr(owner, name, self._watched(getattr(owner, name), cut))

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        answer = first_tensor(output)
        usable = answer is not None and answer.is_floating_point() and answer.layout == torch.strided
        self.memory, self.values = (_memory(answer), answer.numel()) if usable else (0, 0)

    def _watched(self, original: Any, cut: float | None) -> Any:
        look = harmless(self.record)(self._look)

        @wraps(original)
        def compare(values: Any, *args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling():
                return original(values, *args, **kwargs)
            if self.memory and not self.record.depth and type(values) is torch.Tensor:
                at = cut if cut is not None else args[0] if args else None
                if isinstance(at, (int, float)) and values.numel() == self.values and _memory(values) == self.memory:
                    look(values, float(at))
            return original(values, *args, **kwargs)

        return compare

    def _look(self, values: torch.Tensor, cut: float) -> None:
        key = cut, user_frame()
        entry = self.seen.setdefault(
            key, {"cut": cut, "where": key[1], "calls": 0, "outside": 0, "low": float("inf"), "high": -float("inf")}
        )
        entry["calls"] += 1
        if entry["calls"] <= MOST_LOOKS:
            low, high = (float(one) for one in values.detach().aminmax())
            entry["outside"] += low < 0 or high > 1
            entry["low"], entry["high"] = min(entry["low"], low), max(entry["high"], high)

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": list(self.seen.values())[:20]}


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
