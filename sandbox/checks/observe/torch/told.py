"""The accuracy and the mean loss of passes over PyTorch loaders, against what the program makes of them.

Runs inside the jail.
"""

from functools import wraps
from typing import Any

import torch
import torch.nn.functional as functional

from observe.passes import Pass, pair, timed
from observe.record import harmless
from observe.told import Tally
from observe.told_passes import ToldPasses
from observe.torch.calls import first_tensor, to_numpy
from observe.torch.samples import LOSSES

LARGEST = 50_000


class Told:
    """Follows each pass, and looks at the figures that are there when the next one begins."""

    name = "told"

    def __init__(self, watch: Any) -> None:
        self.record, self.passes = watch.record, watch.passes
        self.open: dict[int, tuple[Tally, list[Any]]] = {}
        self.calls = 0
        """Of models, since the latest batch."""
        self.mean: Any = None
        """The latest loss that is the mean over a batch."""
        self.told = ToldPasses(self.record)
        for event in ("batch", "called", "differentiated", "passed"):
            self.record.on(event, getattr(self, f"_{event}"))
        for name in LOSSES:
            setattr(functional, name, self._averaged(getattr(functional, name)))

    def _batch(self, current: Pass, leaves: list[Any]) -> None:
        if current.key == "direct":
            return
        if current.batches == 1:
            self.told.begin(current.key)
        known = self.open.get(id(current))
        targets = [one for one in leaves[1:] if isinstance(one, torch.Tensor)]
        rows = len(leaves[0]) if leaves and getattr(leaves[0], "ndim", 0) else 0
        tally = known[0] if known is not None else Tally()
        tally.rows.append(rows)
        self.open[id(current)] = tally, targets
        self.calls, self.mean = 0, None

    def _tally(self) -> tuple[Tally, list[Any]] | None:
        return self.open.get(id(self.passes.active[-1])) if self.passes.active else None

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        known = self._tally()
        if known is None or known[0].right is None:
            return
        self.calls += 1
        answer = first_tensor(output)
        small = answer is not None and answer.numel() <= LARGEST and answer.device.type == "cpu"
        if self.calls == 1 and small and self.record.affords():
            timed(self.record, self._count, *known, answer)
        else:
            known[0].right = None

    def _count(self, tally: Tally, targets: list[Any], answer: torch.Tensor) -> None:
        paired = pair(to_numpy(answer), [to_numpy(one) for one in targets])
        if paired is None or paired[0] == "values" or tally.right is None or len(paired[1]) != tally.rows[-1]:
            tally.right = None
            return
        kind, chosen, wanted = paired
        outside = kind == "scores" and (chosen.min() < 0 or chosen.max() > 1)
        if kind == "scores":
            chosen = chosen > (0.0 if outside else 0.5)
        tally.right.append(int((chosen == wanted).sum()))

    def _averaged(self, original: Any) -> Any:
        note = harmless(self.record)(self._judged)

        @wraps(original)
        def loss(*args: Any, **kwargs: Any) -> Any:
            value = original(*args, **kwargs)
            if torch.compiler.is_compiling():
                return value
            if self.open and not self.record.depth:
                note(value, kwargs.get("reduction", "mean"))
            return value

        return loss

    def _judged(self, value: Any, reduction: str) -> None:
        known = self._tally()
        if known is None or known[0].losses is None:
            return
        plain = reduction == "mean" and value.ndim == 0 and value.device.type == "cpu" and self.mean is None
        if not plain or len(known[0].losses) >= len(known[0].rows):
            known[0].losses = None
            return
        self.mean = value
        if not value.requires_grad:
            known[0].losses.append(float(value))

    def _differentiated(self, loss: Any) -> None:
        known = self._tally()
        if known is None or known[0].losses is None:
            return
        if loss is self.mean:
            known[0].losses.append(float(loss.detach()))
        else:
            known[0].losses = None

    def _passed(self, done: Pass, complete: bool) -> None:
        known = self.open.pop(id(done), None)
        if known is not None:
            self.told.end(done.key, known[0], done.where, complete=complete)

    def facts(self, root: Any) -> dict[str, Any]:
        return self.told.facts()
