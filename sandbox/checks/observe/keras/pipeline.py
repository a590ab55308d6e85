"""The steps of a tf.data pipeline, read from the chain of its datasets. Runs inside the jail.

A function that draws from Python's or numpy's generator is noticed while `map` traces it.
"""

import random
from typing import Any

import numpy as np
import tensorflow as tf

from observe.record import Record, harmless, user_frame

MOST_STEPS = 40
BATCHING = ("Batch", "PaddedBatch", "ParallelBatch")


def steps(dataset: Any) -> list[Any]:
    """The datasets of a pipeline, from the last one back along its first input."""
    found = []
    while dataset is not None and len(found) < MOST_STEPS:
        found.append(dataset)
        dataset = getattr(dataset, "_input_dataset", None)
    return found


def describe_pipeline(dataset: Any) -> dict[str, Any]:
    """Names of the steps, and what is wrong with their order."""
    chain = steps(dataset)
    names = [name_of(one) for one in chain]
    shuffles = [place for place, name in enumerate(names) if name == "Shuffle"]
    batches = [place for place, name in enumerate(names) if name in BATCHING]
    caches = [place for place, name in enumerate(names) if name == "Cache"]
    drawing = [place for place, one in enumerate(chain) if _is_random(one)]
    buffer = min((int(chain[place]._buffer_size) for place in shuffles), default=None)
    return {
        "steps": names,
        "shuffle_buffer": buffer,
        "shuffles_batches": bool(shuffles and batches) and min(batches) > max(shuffles),
        "shuffled_apart": _shuffled_apart(chain[-1]),
        "random_before_cache": bool(caches and drawing) and max(drawing) > min(caches),
    }


def _shuffled_apart(source: Any) -> bool:
    """Whether samples and whole labels are two datasets that were put together after each was mixed by itself."""
    parts = list(tf.nest.flatten(getattr(source, "_datasets", ())))
    specs = [one.element_spec for one in parts]
    if len(parts) != 2 or not all(isinstance(one, tf.TensorSpec) for one in specs):
        return False
    labels = specs[1].dtype.is_integer and (specs[1].shape.rank or 0) <= 1
    orders = [[_order(one) for one in steps(part) if name_of(one) == "Shuffle"] for part in parts]
    seeded = all(any(one[1:]) for order in orders for one in order)
    return labels and bool(orders[0] or orders[1]) and not (seeded and orders[0] == orders[1])


def _order(shuffled: Any) -> tuple[int, ...]:
    """What the order follows from; two seeds of zero stand for none."""
    return tuple(int(getattr(shuffled, name)) for name in ("_buffer_size", "_seed", "_seed2"))


def batches(dataset: Any) -> int | None:
    """How often the single samples of arrays are put into batches; None where its samples may come otherwise."""
    names = [name_of(one) for one in steps(dataset)]
    plain = names and names[-1] == "TensorSlice" and not {"Unbatch", "FlatMap", "Window", "Interleave"} & set(names)
    return sum(name in BATCHING for name in names) if plain else None


def name_of(dataset: Any) -> str:
    return type(dataset).__name__.strip("_").removesuffix("V2").removesuffix("Dataset").removeprefix("Parallel")


def _is_random(dataset: Any) -> bool:
    """Whether the function of a map draws random numbers."""
    return any(one.startswith(DRAWING) for one in map_operations(dataset))


def map_operations(dataset: Any) -> list[str]:
    """What the function of a map does, in itself or in a function that it calls; empty for what is no map."""
    function = getattr(getattr(dataset, "_map_func", None), "function", None)
    graph = getattr(function, "graph", None)
    if graph is None:
        return []
    told = graph.as_graph_def()
    return [node.op for node in [*told.node, *(node for one in told.library.function for node in one.node_def)]]


DRAWING = ("Random", "StatelessRandom", "StatefulUniform", "StatefulStandardNormal", "Multinomial", "StatelessTrunc")


class FrozenDraws:
    """Where the function of a map drew a number that TensorFlow does not know of."""

    def __init__(self, record: Record) -> None:
        self.places: list[tuple[str, int]] = []
        original, note = tf.data.Dataset.map, harmless(record)(self._note)

        def mapped(dataset: Any, *args: Any, **kwargs: Any) -> Any:
            before, place = _states(), user_frame()
            result = original(dataset, *args, **kwargs)
            note(before, place)
            return result

        tf.data.Dataset.map = mapped

    def _note(self, before: tuple[int, int], place: tuple[str, int] | None) -> None:
        if _states() != before and place is not None and len(self.places) < 10:
            self.places.append(place)


def _states() -> tuple[int, int]:
    state = np.random.get_state()
    return hash(random.getstate()), hash((state[1].tobytes(), *state[2:]))
