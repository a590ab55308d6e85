"""Passes that are over, each held against the figures that the program has when its next one begins.

Runs inside the jail, standard library only, for both frameworks.
"""

import builtins
import sys
from functools import wraps
from typing import Any

from observe.record import Record, harmless
from observe.told import MOST_TEXT, Number, Tally, at_hand, compare, held_in, written

MOST_PASSES = 40


class Over:
    """A pass that has ended, where it is, and what was printed since then."""

    def __init__(self, tally: Tally, where: Any) -> None:
        self.tally, self.where, self.text = tally, where, ""


class ToldPasses:
    """Keeps the latest pass of each source until the next one of it begins."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.over: dict[Any, Over] = {}
        """Source of the batches -> its latest pass."""
        self.done: dict[Any, list[Tally]] = {}
        self.seen: list[dict[str, Any]] = []
        self._watch_print()

    def begin(self, source: Any) -> None:
        """The next pass over a source begins: what was made of the one before is at hand by now."""
        if source in self.over:
            self._settle(source, list(at_hand(sys._getframe(1))))

    def end(self, source: Any, tally: Tally, where: Any, *, complete: bool) -> None:
        """A pass over a source has ended; passes of one batch, and those that were broken off, tell nothing."""
        if complete and len(tally.rows) >= 2 and len(self.seen) < MOST_PASSES:
            self.over[source] = Over(tally, where)

    def facts(self) -> dict[str, Any]:
        numbers = list(held_in(vars(sys.modules["__main__"])))
        for source in list(self.over):
            self._settle(source, numbers)
        return {"seen": self.seen}

    def _watch_print(self) -> None:
        original, note = builtins.print, harmless(self.record)(self._printed)

        @wraps(original)
        def print(*args: Any, **kwargs: Any) -> None:
            if self.over and not self.record.depth:
                note(args)
            original(*args, **kwargs)

        builtins.print = print

    def _printed(self, args: tuple[Any, ...]) -> None:
        parts = [one.values() if isinstance(one, dict) else [one] for one in args]
        text = " ".join(str(one) for part in parts for one in part if isinstance(one, (str, int, float))) + "\n"
        for one in self.over.values():
            if len(one.text) < MOST_TEXT:
                one.text += text

    def _settle(self, source: Any, numbers: list[Number]) -> None:
        over = self.over.pop(source)
        tally, earlier = over.tally, self.done.setdefault(source, [])
        told = [*numbers, *written(over.text)]
        for kind, figures in (("accuracy", tally.accuracy(earlier)), ("loss", tally.loss(earlier))):
            found = compare(figures, told, percent=kind == "accuracy")
            if found is not None:
                self.seen.append({"kind": kind, "key": hash(source) % 997, "where": over.where, **found})
        earlier.append(tally)
