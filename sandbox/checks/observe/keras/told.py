"""The accuracy and the mean loss of passes over a `tf.data` dataset, against what the program makes of them.

Runs inside the jail. Passes of `fit` and `evaluate` are Keras' own, and are left out.
"""

from typing import Any

from observe.passes import Pass
from observe.record import Record, harmless, user_frame
from observe.told import Tally
from observe.told_passes import ToldPasses


class Told:
    """Follows each pass, and looks at the figures that are there when the next one over the same source begins."""

    name = "told"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.open: dict[int, Tally] = {}
        self.places: dict[int, Any] = {}
        """Pass -> the line of its loop, which passes over one source have in common."""
        self.told = ToldPasses(self.record)
        for event in ("batch", "passed"):
            self.record.on(event, getattr(self, f"_{event}"))
        self._watch_losses()

    def _watch_losses(self) -> None:
        original, note = self.record.loss, harmless(self.record)(self._lost)

        def loss(value: Any) -> None:
            original(value)
            if self.open and not self.record.own_loop:
                note(value)

        self.record.loss = loss  # type: ignore[method-assign]

    def _lost(self, value: Any) -> None:
        tally = next(reversed(self.open.values()))
        if tally.losses is not None and len(tally.losses) < len(tally.rows):
            tally.losses.append(float(value))
        else:
            tally.losses = None

    def _batch(self, current: Pass, leaves: list[Any]) -> None:
        if current.key == "direct" or self.record.own_loop or self.record.depth:
            return
        if id(current) not in self.open:
            place = self.places[id(current)] = user_frame()
            self.told.begin(place)
        shape = getattr(leaves[0], "shape", ()) if leaves else ()
        self.open.setdefault(id(current), Tally()).rows.append(int(shape[0]) if len(shape) else 0)

    def _passed(self, done: Pass, complete: bool) -> None:
        tally, place = self.open.pop(id(done), None), self.places.pop(id(done), None)
        if tally is None:
            return
        answered = list(zip(done.predicted, done.target, strict=True))
        if done.task in ("scores", "classes") and [len(one) for one, _ in answered] == tally.rows:
            low = min(float(one.min()) for one, _ in answered)
            cut = 0.0 if low < 0 else 0.5
            chosen = [one if done.task == "classes" else one > cut for one, _ in answered]
            tally.right = [int((one == right).sum()) for one, (_, right) in zip(chosen, answered, strict=True)]
        self.told.end(place, tally, place, complete=complete)

    def facts(self, root: Any) -> dict[str, Any]:
        return self.told.facts()
