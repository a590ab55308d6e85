"""The accuracy and the mean loss of passes over a `tf.data` dataset, against what the program makes of them.

Runs inside the jail. Passes of `fit` and `evaluate` are Keras' own, and are left out.
"""

import builtins
import sys
from functools import wraps
from typing import Any

from observe.passes import Pass
from observe.record import Record, harmless, user_frame
from observe.told import MOST_TEXT, Tally, at_hand, compare, frames, held_in, written

MOST_PASSES = 40


class Told:
    """Follows each pass, and looks at the figures that are there when the next one over the same source begins."""

    name = "told"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.open: dict[int, Tally] = {}
        self.places: dict[int, Any] = {}
        self.over: dict[Any, tuple[Tally, Any, list[str]]] = {}
        """Place of the loop -> its latest pass, where it is, and what was printed since."""
        self.done: dict[Any, list[Tally]] = {}
        self.seen: list[dict[str, Any]] = []
        for event in ("batch", "passed"):
            self.record.on(event, getattr(self, f"_{event}"))
        self._watch_losses()
        self._watch_print()

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

    def _watch_print(self) -> None:
        original, note = builtins.print, harmless(self.record)(self._printed)

        @wraps(original)
        def print(*args: Any, **kwargs: Any) -> None:
            if self.over and not self.record.depth:
                note(args)
            original(*args, **kwargs)

        builtins.print = print

    def _printed(self, args: tuple[Any, ...]) -> None:
        text = " ".join(str(one) for one in args if isinstance(one, (str, int, float)))
        for _, _, lines in self.over.values():
            if sum(map(len, lines)) < MOST_TEXT:
                lines.append(text)

    def _batch(self, current: Pass, leaves: list[Any]) -> None:
        if current.key == "direct" or self.record.own_loop or self.record.depth:
            return
        if id(current) not in self.open:
            place = self.places[id(current)] = user_frame()
            if place in self.over:
                self._settle(place, list(at_hand(frames())))
        shape = getattr(leaves[0], "shape", ()) if leaves else ()
        self.open.setdefault(id(current), Tally()).rows.append(int(shape[0]) if len(shape) else 0)

    def _passed(self, done: Pass, complete: bool) -> None:
        tally, place = self.open.pop(id(done), None), self.places.pop(id(done), None)
        if tally is None or not complete or len(tally.rows) < 2 or len(self.seen) >= MOST_PASSES:
            return
        answered = list(zip(done.predicted, done.target, strict=True))
        if done.task in ("scores", "classes") and [len(one) for one, _ in answered] == tally.rows:
            low = min(float(one.min()) for one, _ in answered)
            cut = 0.0 if low < 0 else 0.5
            chosen = [one if done.task == "classes" else one > cut for one, _ in answered]
            tally.right = [int((one == right).sum()) for one, (_, right) in zip(chosen, answered, strict=True)]
        self.over[place] = tally, place, []

    def _settle(self, place: Any, numbers: list[Any]) -> None:
        tally, where, lines = self.over.pop(place)
        earlier = self.done.setdefault(place, [])
        told = [*numbers, *written("\n".join(lines))]
        for kind, figures in (("accuracy", tally.accuracy(earlier)), ("loss", tally.loss(earlier))):
            found = compare(figures, told, percent=kind == "accuracy")
            if found is not None:
                self.seen.append({"kind": kind, "key": hash(place) % 997, "where": where, **found})
        earlier.append(tally)

    def facts(self, root: Any) -> dict[str, Any]:
        numbers = list(held_in(vars(sys.modules["__main__"])))
        for place in list(self.over):
            self._settle(place, numbers)
        return {"seen": self.seen}
