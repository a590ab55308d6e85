"""Weights that a program keeps in memory while it trains: when they were taken, and whether they are put back.

Runs inside the jail. Arrays are followed by weak references, so that nothing lives longer than it would.
"""

import pickle
import weakref
from typing import Any

import keras
import numpy as np

from observe.keras.listen import listen
from observe.record import Record, user_frame

MOST_KEPT = 500
SAVING = ((np, "save"), (np, "savez"), (np, "savez_compressed"), (pickle, "dump"), (pickle, "dumps"))


class Kept:
    """What `get_weights` returned and what was still there after the next step."""

    name = "copies"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.taken: list[tuple[Any, int, Any]] = []
        """Lists of this moment, of which nobody knows yet whether they are kept: array, steps, line."""
        self.kept: list[tuple[Any, int, Any]] = []
        self.together = 0
        """Most lists that were kept at one time."""
        self.used = False
        listen(self.record, keras.layers.Layer, "get_weights", after=self._given)
        listen(self.record, keras.layers.Layer, "set_weights", before=self._set)
        listen(self.record, keras.Variable, "assign", before=self._assigning)
        for owner, name in SAVING:
            listen(self.record, owner, name, after=self._saved)
        self.record.on("stepped", self._stepped)

    def _given(self, result: Any, layer: Any) -> None:
        idle = self.record.depth or self.record.own_loop or not self.record.steps or not isinstance(layer, keras.Model)
        if idle or not result or len(self.kept) >= MOST_KEPT:
            return
        largest = max((one for one in result if isinstance(one, np.ndarray)), key=lambda one: one.size, default=None)
        if largest is not None:
            self.taken.append((weakref.ref(largest), self.record.steps, user_frame()))

    def _stepped(self, optimizer: Any) -> None:
        if self.taken:
            self.kept += [one for one in self.taken if one[0]() is not None]
            self.taken = []
            self.together = max(self.together, sum(one() is not None for one, _, _ in self.kept))

    def _set(self, layer: Any, weights: Any) -> None:
        given = {id(one) for one in weights} if isinstance(weights, (list, tuple)) else set()
        self.used |= any(id(one()) in given for one, _, _ in [*self.kept, *self.taken] if one() is not None)

    def _assigning(self, variable: Any, value: Any) -> None:
        if isinstance(value, np.ndarray) and self.kept:
            self.used |= any(one() is value for one, _, _ in [*self.kept, *self.taken])

    def _saved(self, *args: Any, **kwargs: Any) -> None:
        self.used |= bool(self.kept or self.taken)

    def facts(self, root: Any) -> dict[str, Any]:
        unused = None
        if self.kept and not self.used and self.together < 2:
            unused = {"times": len(self.kept), "last": self.kept[-1][1], "where": self.kept[-1][2]}
        return {"kept": [(steps, where) for _, steps, where in self.kept], "unused": unused}
