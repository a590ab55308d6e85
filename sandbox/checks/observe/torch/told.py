"""The accuracy and the mean loss of passes over PyTorch loaders, against what the program makes of them.

Runs inside the jail.
"""

from functools import wraps
from typing import Any

import torch
import torch.nn.functional as functional

from observe.passes import Pass, pair, timed
from observe.record import harmless, user_frame
from observe.told import Tally
from observe.told_passes import ToldPasses
from observe.torch.calls import first_tensor, to_numpy
from observe.torch.samples import LOSSES

LARGEST = 50_000
DIRECT = "direct"
"""Key of the batches that come from no loader."""


class DirectPasses:
    """Training without a loader, from one evaluation to the next: the losses, and the answers that were right."""

    def __init__(self) -> None:
        self.tally: Tally | None = None
        self.latest: Any = None

    def add(self, loss: Any, target: Any) -> None:
        if self.tally is None:
            self.tally = Tally()
            self.tally.carries = False
        self.tally.rows.append(len(target))
        self.latest = loss

    @property
    def counts(self) -> bool:
        """Whether the answers of all batches so far are known to be right or wrong."""
        return self.tally is not None and len(self.tally.right or []) == len(self.tally.rows) - 1

    def answered(self, output: torch.Tensor, target: torch.Tensor) -> None:
        paired = pair(to_numpy(output), [to_numpy(target)])
        right = self.tally.right if self.tally is not None else None
        if paired is not None and paired[0] != "values" and len(paired[1]) == len(target) and right is not None:
            kind, chosen, wanted = paired
            chosen = chosen > (0.0 if chosen.min() < 0 or chosen.max() > 1 else 0.5) if kind == "scores" else chosen
            right.append(int((chosen == wanted).sum()))

    def differentiated(self, loss: Any) -> None:
        """Only where the mean itself is what is differentiated is it known what a sum over the batches is."""
        tally, latest, self.latest = self.tally, self.latest, None
        if tally is not None and tally.losses is not None:
            if loss is latest and len(tally.losses) == len(tally.rows) - 1:
                tally.losses.append(float(loss.detach()))
            else:
                tally.losses = None

    def close(self) -> Tally:
        tally, self.tally = self.tally or Tally(), None
        return tally


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
        self.ignored = -100
        """The label that losses were told to leave out."""
        self.direct = DirectPasses()
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
        answer = first_tensor(output)
        if answer is not None and not answer.requires_grad and not self.passes.active:
            self._end_direct()
        known = self._tally()
        if known is None or known[0].right is None:
            return
        self.calls += 1
        small = answer is not None and answer.numel() <= LARGEST and answer.device.type == "cpu"
        if self.calls == 1 and small and self.record.affords():
            timed(self.record, self._count, *known, answer)
        else:
            known[0].right = None

    def _count(self, tally: Tally, targets: list[Any], answer: torch.Tensor) -> None:
        paired = pair(to_numpy(answer), [to_numpy(one) for one in targets])
        if paired is None or paired[0] == "values" or tally.right is None:
            tally.right = None
            return
        kind, chosen, wanted = paired
        positions = min(one.numel() for one in targets if one.numel() >= len(wanted))
        if self.ignored >= 0 and kind == "classes":
            chosen, wanted = (one[wanted != self.ignored] for one in (chosen, wanted))
        if positions != tally.rows[-1]:
            tally.counted.append(len(wanted))
            tally.positions.append(positions)
        outside = kind == "scores" and (chosen.min() < 0 or chosen.max() > 1)
        if kind == "scores":
            chosen = chosen > (0.0 if outside else 0.5)
        tally.right.append(int((chosen == wanted).sum()))

    def _averaged(self, original: Any) -> Any:
        note, alone = harmless(self.record)(self._judged), harmless(self.record)(self._alone)

        @wraps(original)
        def loss(*args: Any, **kwargs: Any) -> Any:
            value = original(*args, **kwargs)
            if torch.compiler.is_compiling():
                return value
            if not self.record.depth:
                self.ignored = kwargs.get("ignore_index", self.ignored)
                (note if self.open else alone)(value, *args[:2], **kwargs)
            return value

        return loss

    def _alone(self, value: Any, input: Any = None, target: Any = None, reduction: str = "mean", **_: Any) -> None:
        """A loss without a loader."""
        if self.passes.active or reduction != "mean" or not isinstance(target, torch.Tensor) or not target.ndim:
            return
        if not value.requires_grad:
            self._end_direct()
        elif value.device.type == "cpu":
            if self.direct.tally is None:
                self.told.begin(DIRECT)
            self.direct.add(value, target)
            if self.direct.counts and input.numel() <= LARGEST and self.record.affords():
                timed(self.record, self.direct.answered, input, target)

    def _end_direct(self) -> None:
        if self.direct.tally is not None:
            self.told.end(DIRECT, self.direct.close(), user_frame(), complete=True)

    def _judged(self, value: Any, *_: Any, reduction: str = "mean", **__: Any) -> None:
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
        self.direct.differentiated(loss)
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
