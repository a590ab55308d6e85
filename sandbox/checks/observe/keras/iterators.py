"""Loops over tf.data: each is a pass, which is ended where training has come to its bound. Runs inside the jail."""

from typing import Any

import tensorflow as tf

from observe.keras.private import OwnedIterator
from observe.record import harmless


def watch_iterators(training: Any) -> None:
    """A pass begins with the first batch of an iterator, and ends when there is none left."""
    original, record, passes = OwnedIterator.__next__, training.record, training.passes
    begin, advance, end = (harmless(record)(one) for one in (passes.begin, passes.advance, passes.end))

    def following(iterator: Any) -> Any:
        if training.traced.inside or record.own_loop or record.depth:
            return original(iterator)
        current = iterator.__dict__.get("_watched_pass")
        if current is None:
            dataset = iterator._dataset or iterator
            current = iterator._watched_pass = begin(id(dataset), dataset)
        if current.steps != record.steps and record.beyond_bound():
            end(current, complete=False)
            raise StopIteration
        try:
            batch = original(iterator)
        except StopIteration:
            end(current, complete=True)
            raise
        advance(current, tf.nest.flatten(batch))
        return batch

    OwnedIterator.__next__ = following
