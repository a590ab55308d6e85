"""Layers that learn statistics from data: which samples they learned from, and which of those are held out.

Runs inside the jail. What the layers were given is kept as it is, and read once the program has ended.
"""

from collections.abc import Hashable, Iterable
from functools import wraps
from typing import Any

import keras
import tensorflow as tf

from observe.keras.origins import names
from observe.record import Record, harmless, user_frame

ADAPTING = ("Normalization", "Discretization", "TextVectorization", "StringLookup", "IntegerLookup")
MOST_LAYERS = 10
MOST_CALLS = 24
FEWEST = 8
"""A held-out set of fewer samples is not looked at."""


class Adapted:
    """The data of each call of `adapt`, and what such layers made of arrays outside of any model."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.layers: list[tuple[str, Any, Any]] = []
        self.calls: list[tuple[Any, Any]] = []
        for name in ADAPTING:
            cls = getattr(keras.layers, name)
            cls.adapt, cls.__call__ = self._adapting(cls.adapt), self._calling(cls)

    def _adapting(self, original: Any) -> Any:
        note = harmless(self.record)(self._learned)

        @wraps(original)
        def adapt(layer: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.record.depth:
                note(layer, data)
            return original(layer, data, *args, **kwargs)

        return adapt

    def _learned(self, layer: Any, data: Any) -> None:
        if len(self.layers) < MOST_LAYERS:
            self.layers.append((type(layer).__name__, data, user_frame()))

    def _calling(self, cls: Any) -> Any:
        own, note = vars(cls).get("__call__"), harmless(self.record)(self._called)

        @wraps(own or keras.Layer.__call__)
        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            result = own(layer, *args, **kwargs) if own else super(cls, layer).__call__(*args, **kwargs)
            if args and tf.executing_eagerly() and not (self.record.depth or self.record.own_loop):
                note(args[0], result)
            return result

        return call

    def _called(self, given: Any, result: Any) -> None:
        whole = hasattr(given, "__len__") and not isinstance(given, (str, keras.KerasTensor)) and len(given) >= FEWEST
        if whole and isinstance(result, tf.Tensor) and len(self.calls) < MOST_CALLS:
            self.calls.append((given, result))

    def before(self) -> dict[Hashable, Hashable]:
        """What samples are known by that came out of such a layer -> what they were known by before."""
        found: dict[Hashable, Hashable] = {}
        for given, result in self.calls if self.layers else []:
            found |= dict(zip(names(result), names(given), strict=False))
        return found

    def facts(self, trained: Iterable[Hashable], held_out: list[Iterable[Hashable]]) -> list[dict[str, Any]]:
        """For each layer, how many samples of the held-out sets it learned from, and how many sets were kept away."""
        known = set(trained)
        sets = [own for one in held_out if len(own := set(one) - known) >= FEWEST]
        found = []
        for layer, data, where in self.layers if sets else []:
            given = names(data)
            seen = [len(one & set(given)) for one in sets]
            kept = sum(count < 0.02 * len(one) for count, one in zip(seen, sets, strict=True))
            evaluated = len(set().union(*sets) & set(given))
            found.append(
                {"layer": layer, "where": where, "rows": len(given), "evaluated": evaluated, "kept_away": kept}
            )
        return found
