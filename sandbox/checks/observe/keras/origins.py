"""What the samples of a `tf.data` pipeline were before they were changed, and what tells one of them from another.

Runs inside the jail, once the program has ended.
"""

import time
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from observe.data import MOST_ROWS, marks, values
from observe.keras.calls import first_tensor, to_numpy
from observe.keras.pipeline import DRAWING, map_operations, name_of, steps

SECONDS = 0.6
CHUNK = 512
KEEPING = ("Take", "Skip", "Shuffle", "Cache", "Shard", "Prefetch")
"""Steps that leave samples as they are."""
OWN = ("PyFunc", "EagerPyFunc", "PyFuncStateless")
"""Functions of the program's own, which are not called again."""
CHOOSING = ("Take", "Skip", "Shard", "Filter", "FlatMap", "Window", "Interleave", "Unbatch", "TakeWhile", "Sampling")


def origin(dataset: Any) -> Any | None:
    """The samples of arrays that a pipeline was made of, before anything random was done to them.

    None where some of them are left out behind that.
    """
    chain = steps(dataset)[::-1]
    if name_of(chain[0]) != "TensorSlice" or not (_first(chain[0]).shape.rank or _is_text(chain[0])):
        return None  # single numbers are places in an array that nobody sees here
    last = next((place for place, one in enumerate(chain) if place and not _keeps(one)), len(chain))
    return None if {name_of(one) for one in chain[last:]} & set(CHOOSING) else chain[last - 1]


def _keeps(dataset: Any) -> bool:
    """Whether a step gives the same of the same samples each time, and one for each."""
    operations = map_operations(dataset)
    fixed = bool(operations) and not any(one.startswith((*DRAWING, *OWN)) for one in operations)
    return name_of(dataset) in KEEPING or (name_of(dataset) == "Map" and fixed)


def texts(dataset: Any) -> Any | None:
    """The last step of a pipeline whose samples are texts; None where none of them is."""
    return next((one for one in steps(dataset) if _is_text(one)), None)


def _is_text(dataset: Any) -> bool:
    return getattr(_first(dataset), "dtype", None) == tf.string


def _first(dataset: Any) -> Any:
    """The kind of the first tensor of each sample."""
    return tf.nest.flatten(dataset.element_spec)[0]


def names(data: Any) -> list[Hashable]:
    """What each sample is known by, of a dataset or an array, as far as there is time to read it."""
    ends, found = time.monotonic() + SECONDS, []
    for part in _parts(data):
        found += names_of(part)
        if time.monotonic() > ends or len(found) > MOST_ROWS:
            break
    return found


def names_of(array: Any) -> list[Hashable]:
    """Texts by themselves, numbers by their mark."""
    array = np.asarray(array)
    if array.dtype.kind in "SUO":
        return [one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in array.reshape(-1)]
    rows = values(array)
    return [] if rows is None else marks(rows).tolist()


def _parts(data: Any) -> Iterator[Any]:
    if not isinstance(data, tf.data.Dataset):
        yield to_numpy(data) if tf.is_tensor(data) else data
        return
    single = all(one.shape.rank == 0 for one in tf.nest.flatten(data.element_spec)[:1])
    for element in data.batch(CHUNK) if single else data:
        yield to_numpy(first_tensor(element))
