"""How often the program's own tf.functions were traced, and for how many kinds of tensors. Runs inside the jail."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import keras
import tensorflow as tf

from observe.keras.listen import listen
from observe.keras.private import Function
from observe.record import Record, is_users, relative

MOST_FUNCTIONS = 1000


class Functions:
    """One entry for each place that a tf.function was made at."""

    name = "keras-functions"
    at_any_time = True
    """Told with the first facts: what is traced for each call may never come to its end."""

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.seen: dict[int, tuple[Any, list[int], list[Any]]] = {}
        """Functions, how often each was called, and what it works on."""
        listen(self.record, Function, "__call__", before=self._calling)

    def _calling(self, function: Any, *args: Any, **kwargs: Any) -> None:
        known = self.seen.get(id(function))
        if known is not None:
            known[1][0] += 1
        elif len(self.seen) < MOST_FUNCTIONS:
            self.seen[id(function)] = (function, [1], _works_on(function.python_function))

    def facts(self, root: Any) -> dict[str, Any]:
        places: dict[tuple[str, int], dict[str, Any]] = {}
        known: set[Any] = set()
        for function, (calls,), objects in self.seen.values():
            code = getattr(function.python_function, "__code__", None)
            if code is None or not is_users(code.co_filename):
                continue
            where = relative(code.co_filename), code.co_firstlineno
            entry = places.setdefault(
                where, {"name": code.co_name, "made": 0, "again": 0, "calls": 0, "traces": 0, "kinds": 0}
            )
            entry["made"] += 1
            whole = where, tuple(map(id, objects))
            entry["again"] += whole in known
            known.add(whole)
            entry["calls"] += calls
            entry["traces"] += function.experimental_get_tracing_count()
            entry["kinds"] += len(_kinds(function))
        return {"functions": [{"where": where, **entry} for where, entry in places.items()][:50]}


def _works_on(function: Any) -> list[Any]:
    """The object that a function is bound to, what it holds of its surroundings, and the models that it names.

    Numbers and names that differ from epoch to epoch are no part of it.
    """
    held = [one for one in _surroundings(function) if not isinstance(one, (int, float, str, tf.Tensor))]
    given, code = getattr(function, "__globals__", {}), getattr(function, "__code__", None)
    named = [given.get(name) for name in getattr(code, "co_names", ())]
    return [getattr(function, "__self__", None), *held, *(one for one in named if isinstance(one, keras.Model))]


def _surroundings(function: Any) -> Iterator[Any]:
    for cell in getattr(function, "__closure__", None) or ():
        with suppress(ValueError):  # a name that is not given a value yet
            yield cell.cell_contents


def _kinds(function: Any) -> set[str]:
    """The tensors' types and shapes of each trace, whatever the other arguments were."""
    found = set()
    for concrete in function._list_all_concrete_functions():
        specs = [one for one in tf.nest.flatten(concrete.structured_input_signature) if isinstance(one, tf.TypeSpec)]
        found.add(str([(getattr(one, "shape", None), getattr(one, "dtype", None)) for one in specs]))
    return found
