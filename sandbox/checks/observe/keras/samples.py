"""The samples of a Keras program: what fit, evaluate and predict were given, and what tf.data iterators handed out.

What is given to Keras' own loops is kept and read once the program has ended, so that reading it changes nothing.
Runs inside the jail.
"""

import time
from collections.abc import Hashable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.data import MOST_ROWS, Ledger, Role, Samples
from observe.data_figures import describe
from observe.keras.adapted import Adapted
from observe.keras.calls import first_tensor, to_numpy
from observe.keras.direct import Direct
from observe.keras.origins import CHUNK, names, origin, texts
from observe.keras.pipeline import FrozenDraws, batches, describe_pipeline, steps
from observe.passes import Pass, timed
from observe.record import harmless, user_frame

SECONDS = 0.6
MOST_SOURCES = 24
PEEKED = 2
"""Batches that a loop prints or draws, and shows to no model."""


class Source:
    """What one call of fit, evaluate or predict was given."""

    def __init__(self, x: Any, y: Any, where: Any, *, part: slice | None = None, batch: int = 32, mixed: Any = True):
        self.x, self.y, self.where = x, y, where
        self.part = part
        self.batch = batch
        self.mixed = mixed
        """Whether Keras shuffles the samples itself."""
        self.epochs = 1
        self.validates = False
        """Whether it was handed to fit to be validated on."""

    @property
    def is_dataset(self) -> bool:
        return isinstance(self.x, tf.data.Dataset)

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """(inputs, labels) in the order in which they are trained on, but for shuffling by Keras."""
        if self.is_dataset:
            for batch in self.x:
                given = batch if isinstance(batch, (tuple, list)) else (batch,)
                yield first_tensor(given[0]), given[1] if len(given) > 1 else None
            return
        lead = first_tensor(self.x)
        total = len(lead)
        first, last, _ = (self.part or slice(None)).indices(total)
        for start in range(first, last, self.batch):
            rows = slice(start, min(start + self.batch, last))
            yield lead[rows], self.y[rows] if hasattr(self.y, "shape") and self.y is not self.x else None


class Data:
    """Follows which samples are trained on and which are evaluated."""

    name = "data"

    def __init__(self, watch: Any) -> None:
        self.record, self.passes = watch.record, watch.passes
        self.ledger = Ledger()
        self.trained: dict[int, Source] = {}
        self.evaluated: dict[int, Source] = {}
        self.open: dict[int, Samples] = {}
        self.iterated: Any = None
        """The dataset that a loop of the program's own went through last."""
        self.looped: dict[int, tuple[Source, str]] = {}
        """Datasets that such a loop trained on or evaluated; kept, so that no other one gets their place in memory."""
        self.adapted = Adapted(watch.record)
        self.draws = FrozenDraws(watch.record)
        self.direct = Direct(watch, self.ledger)
        self.record.on("batch", self._batch)
        self.record.on("passed", self._passed)
        for name in ("fit", "evaluate", "predict"):
            setattr(keras.Model, name, self._loop(name, getattr(keras.Model, name)))

    def _loop(self, name: str, original: Any) -> Any:
        note = harmless(self.record)(getattr(self, f"_{name}"))

        def loop(model: Any, x: Any = None, *args: Any, **kwargs: Any) -> Any:
            if not (self.record.own_loop or self.record.depth):
                note(x, *args, **kwargs)
            return original(model, x, *args, **kwargs)

        return loop

    def _fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        **_: Any,
    ) -> None:
        where, size = user_frame(), batch_size or 32
        cut = int(np.ceil(len(first_tensor(x)) * (1 - validation_split))) if validation_split else None
        part = slice(cut) if cut is not None else None
        self._keep(self.trained, Source(x, y, where, part=part, batch=size, mixed=shuffle)).epochs += epochs - 1
        if cut is not None:
            self._keep(self.evaluated, Source(x, y, where, part=slice(cut, None)), salt=1)
        if validation_data is not None:
            given = validation_data
            pair = given if isinstance(given, (tuple, list)) else (given, None)
            handed = self._keep(self.evaluated, Source(pair[0], pair[1] if len(pair) > 1 else None, where))
            handed.validates = True

    def _evaluate(self, x: Any = None, y: Any = None, *_: Any, **__: Any) -> None:
        self._keep(self.evaluated, Source(x, y, user_frame()))

    def _predict(self, x: Any = None, *_: Any, **__: Any) -> None:
        self._keep(self.evaluated, Source(x, None, user_frame()))

    def _keep(self, kept: dict[int, Source], source: Source, salt: int = 0) -> Source:
        key = id(source.x) + salt
        if key in kept and kept[key].y is None:
            kept[key].y = source.y
        if key not in kept and len(kept) < MOST_SOURCES and _is_readable(source.x):
            kept[key] = source
        return kept.get(key, source)

    def _batch(self, current: Pass, leaves: list[Any]) -> None:
        if isinstance(current.source, tf.data.Dataset):
            self.iterated = current.source
        if current.key == "direct" or not self.ledger.wants(current.key):
            return
        samples = self.open.get(id(current))
        if samples is None:
            samples = self.open[id(current)] = Samples(current.key, user_frame())
        if samples.wants() and leaves:
            labels = leaves[-1] if len(leaves) > 1 else None
            timed(self.record, _add, samples, leaves[0], labels)

    def _passed(self, done: Pass, complete: bool) -> None:
        if isinstance(done.key, tuple):
            return  # what was given to evaluate, which is read at the end
        samples = self.open.pop(id(done), None)
        if samples is None and not self.ledger.wants(done.key):
            self.ledger.count(done.key)
            return
        trained = done.steps != self.record.steps or done.backwards != self.record.backwards
        samples = samples or Samples(done.key, user_frame())
        role: Role = "trained" if trained else "evaluated"
        peeked = not trained and not done.calls and done.batches <= PEEKED
        if isinstance(done.source, tf.data.Dataset) and not peeked and self._is_new(done.key, trained=trained):
            self.looped[done.key] = Source(done.source, None, samples.where), role
        self.ledger.settle(samples, role, empty=complete and not done.batches)

    def _is_new(self, key: Any, *, trained: bool) -> bool:
        return trained if key in self.looped else len(self.looped) < MOST_SOURCES

    def facts(self, root: Any) -> dict[str, Any]:
        with self.record.aside():
            for key, source in self.trained.items():
                self._read(key, source, "trained", again=2)
            for key, source in self.evaluated.items():
                self._read(key, source, "evaluated", again=2 if source.is_dataset else 1)
        figures = describe(self.ledger)
        read = self._read_sources("trained")
        figures["pipelines"] = [found for _, one in read if (found := self._pipeline(one))]
        figures["batched"] = batches(self.iterated) if self.iterated is not None else None
        figures["frozen_draws"] = self.draws.places
        held_out = self._read_sources("evaluated")
        figures["redrawn"] = [found for key, one in held_out if (found := self._redrawn(key, one))]
        figures["adapted"] = self._adapted()
        figures["overlaps"] = self._overlaps()
        return figures

    def _read(self, key: int, source: Source, role: Any, *, again: int) -> None:
        """Arrays that Keras shuffles have no order of their own to compare."""
        shuffled = not source.is_dataset and role == "trained" and source.mixed
        for _ in range(1 if shuffled or (source.epochs < 2 and role == "trained") else again):
            samples = Samples(key, source.where)
            ends, empty = time.monotonic() + SECONDS, source.is_dataset
            for inputs, labels in source.batches():
                empty = False
                if not samples.wants() or time.monotonic() > ends:
                    samples.whole = False
                    break
                _add(samples, inputs, labels)
            self.ledger.settle(samples, role, empty=empty)

    def _pipeline(self, source: Source) -> dict[str, Any] | None:
        samples = self.ledger.sets.get(("trained", id(source.x)))
        if not source.is_dataset or samples is None:
            return None
        rows = samples.epochs[0].rows if samples.whole else None
        return {**describe_pipeline(source.x), "where": source.where, "rows": rows}

    def _adapted(self) -> list[dict[str, Any]]:
        """Parts that fit takes off itself are not held against a layer: what it was given is one array."""
        if not self.adapted.layers:
            return []
        before = self.adapted.before()
        trained = [self._known(key, one, "trained", before) for key, one in self._read_sources("trained")]
        held_out = [
            self._known(key, one, "evaluated", before)
            for key, one in self._read_sources("evaluated")
            if one.part is None
        ]
        return self.adapted.facts([name for one in trained for name in one], held_out)

    def _known(self, key: int, source: Source, role: Any, before: dict[Hashable, Hashable]) -> list[Hashable]:
        """What the samples of one set are known by: texts where they were texts, and else their marks."""
        if source.is_dataset and (read := texts(source.x)) is not None:
            return names(read)
        if not source.is_dataset and np.asarray(source.x).dtype.kind in "SUO":
            return names(source.x)
        samples = self.ledger.sets.get((role, key))
        told = [] if samples is None else [mark for one in samples.epochs[0].marks for mark in one.tolist()]
        return [before.get(one, one) for one in told]

    def _read_sources(self, role: str) -> list[tuple[int, Source]]:
        given = self.trained if role == "trained" else self.evaluated
        return [*given.items(), *((key, one) for key, (one, own) in self.looped.items() if own == role)]

    def _overlaps(self) -> list[dict[str, Any]]:
        """Held-out samples that were trained on as well, but for what was done to them on their way."""
        trained = {id(one.x) for _, one in self._read_sources("trained")}
        known = {name for _, one in self._read_sources("trained") for name in _origin_names(one)}
        found = []
        for key, one in self._read_sources("evaluated"):
            if not one.is_dataset or id(one.x) in trained:
                continue
            derived = any(id(step) in trained for step in steps(one.x))
            own = _origin_names(one) or (self._known(key, one, "evaluated", {}) if derived else [])
            if len(own) >= 8:
                both = len(own) if derived else sum(name in known for name in own)
                figures = {"where": one.where, "evaluated": len(own), "unique": len(set(own)), "trained_on": both}
                found.append(figures | {"validates": key in self.evaluated and one.validates})
        return found

    def _redrawn(self, key: int, source: Source) -> dict[str, Any] | None:
        """Two readings of one dataset: the same labels, and other inputs."""
        samples = self.ledger.sets.get(("evaluated", key))
        if samples is None or not source.is_dataset or samples.kind != "f" or len(samples.epochs) < 2:
            return None
        one, two = samples.epochs[:2]
        if not one.labels or len(one.labels) != len(two.labels):
            return None
        if not np.array_equal(np.concatenate(one.labels), np.concatenate(two.labels)):
            return None
        first, second = np.concatenate(one.marks), np.concatenate(two.marks)
        return {"where": source.where, "drawn": len(first), "differ": int((~np.isin(second, first)).sum())}


def _origin_names(source: Source) -> list[Hashable]:
    made_of = origin(source.x) if source.is_dataset and _is_readable(source.x) else None
    return [] if made_of is None else names(made_of.batch(CHUNK))


def _add(samples: Samples, inputs: Any, labels: Any) -> None:
    if inputs is not None and not isinstance(inputs, (str, bytes)):
        lead = first_tensor(labels) if labels is not None else None
        samples.add(to_numpy(inputs), None if lead is None else to_numpy(lead))


def _is_readable(x: Any) -> bool:
    """Datasets that draw from a generator of the program's cannot be read again without using it up."""
    if isinstance(x, tf.data.Dataset):
        return not any("Generator" in type(one).__name__ or "FlatMap" in type(one).__name__ for one in steps(x))
    lead = first_tensor(x) if x is not None else None
    return lead is not None and hasattr(lead, "__getitem__") and 0 < len(lead) <= 4 * MOST_ROWS
