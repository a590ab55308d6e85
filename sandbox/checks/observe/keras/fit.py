"""Keras' own loops: what `fit` trained on, what `evaluate` was given, and the early end of training."""

import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import LARGEST_BATCH, Calls, first_tensor, to_numpy
from observe.keras.choices import FIT, fitted
from observe.keras.losses import Losses
from observe.passes import MAX_VALUES, VALIDATION, WORD, Pass, Passes, row_hashes
from observe.record import Record, harmless, user_frame

HASHING_SECONDS = 1.0
ANSWERING_SECONDS = 10.0


class Fit:
    """Wraps fit and evaluate of every model."""

    def __init__(self, record: Record, calls: Calls, passes: Passes, losses: Losses) -> None:
        self.record, self.calls, self.passes, self.losses = record, calls, passes, losses

    def install(self) -> None:
        self._watch_fit()
        self._watch_evaluate()

    def _watch_fit(self) -> None:
        original, after = keras.Model.fit, harmless(self.record)(self._fitted)

        def fit(model: Any, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
            if self.record.own_loop:
                return original(model, x, y, *args, **kwargs)
            if self.record.max_steps is not None or self.record.max_train_s is not None:
                kwargs["callbacks"] = [*_callbacks(kwargs.get("callbacks")), _bound(self.record)]
            self.record.own_loop, steps = True, self.record.steps
            try:
                result = original(model, x, y, *args, **kwargs)
            finally:
                self.record.own_loop = False
            with self.record.aside():
                after(model, x, {**dict(zip(FIT, args, strict=False)), **kwargs}, steps, result)
            return result

        keras.Model.fit = fit

    def _fitted(self, model: Any, x: Any, kwargs: dict[str, Any], steps_before: int, result: Any) -> None:
        """Remember the batch and the samples that were trained on, and the samples used to validate."""
        watched = self.calls.model(model)
        share = float(kwargs.get("validation_split") or 0.0)
        validation = kwargs.get("validation_data")
        sizes, ends = [], time.monotonic() + HASHING_SECONDS
        for inputs, _ in pairs(x, None, seconds=HASHING_SECONDS):
            if share:
                cut = int(np.ceil(len(first_tensor(inputs)) * (1 - share)))
                inputs, held_back = take_rows(inputs, slice(cut)), take_rows(inputs, slice(cut, None))
                self._validated(held_back, None, steps_before)
            watched.capture(take_rows(inputs, slice(kwargs.get("batch_size") or LARGEST_BATCH)))
            sizes.append(len(first_tensor(inputs)))
            self.passes.trained_on(row_hashes(to_numpy(first_tensor(inputs))))
        array = not isinstance(x, tf.data.Dataset) and not hasattr(x, "on_epoch_end")
        fitted(self.record.choices, kwargs, result, sizes, whole=time.monotonic() < ends, array=array)
        if validation is not None:
            self._validated(*unpack(validation), steps_before)

    def _validated(self, x: Any, y: Any, steps: int) -> None:
        seen = Pass(VALIDATION, steps=steps, backwards=0)
        for inputs, _ in pairs(x, y, seconds=HASHING_SECONDS):
            hashes = row_hashes(to_numpy(first_tensor(inputs)))
            seen.hashed += len(hashes)
            seen.samples += len(hashes)
            seen.unique += len(set(hashes))
            seen.trained_on += sum(one in self.passes.trained for one in hashes)
            seen.signature = (seen.signature + sum(hashes)) % WORD
        seen.where = user_frame()
        self.passes.keep(seen, complete=True)

    def _watch_evaluate(self) -> None:
        original, after = keras.Model.evaluate, harmless(self.record)(self._evaluated)

        def evaluate(model: Any, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
            if self.record.own_loop or self.record.depth:
                return original(model, x, y, *args, **kwargs)
            self.record.own_loop = True
            try:
                result = original(model, x, y, *args, **kwargs)
            finally:
                self.record.own_loop = False
            with self.record.aside():
                after(model, x, y, kwargs.get("steps"))
            return result

        keras.Model.evaluate = evaluate

    def _evaluated(self, model: Any, x: Any, y: Any, steps: int | None) -> None:
        """Ask the model again for what was evaluated, so that the metric can be recomputed outside."""
        watched = self.calls.model(model)
        current = self.passes.begin(("evaluate", id(x)))
        current.where = user_frame()
        for number, (inputs, targets) in enumerate(pairs(x, y, seconds=ANSWERING_SECONDS)):
            if current.values >= MAX_VALUES or (steps is not None and number >= steps):
                break
            current.batches += 1
            self._answer(watched, current, inputs, targets)
        self.passes.end(current, complete=True)

    def _answer(self, watched: Any, current: Pass, inputs: Any, targets: Any) -> None:
        total = len(first_tensor(inputs))
        width = watched.declared_rows or LARGEST_BATCH
        for start in range(0, total, width):
            part = slice(start, start + width)
            rows = take_rows(inputs, part)
            if current.calls == 0:
                watched.capture(rows)
            answer = first_tensor(watched.module(rows, training=False))
            right = [to_numpy(one) for one in tf.nest.flatten(take_rows(targets, part)) if one is not None]
            current.calls += 1
            self.passes.call(current, to_numpy(first_tensor(rows)), to_numpy(answer), right)


def pairs(x: Any, y: Any, *, seconds: float) -> Iterator[tuple[Any, Any]]:
    """(inputs, targets) of arrays as one piece, of datasets batch by batch, of other sources nothing."""
    ends = time.monotonic() + seconds
    if isinstance(x, tf.data.Dataset) or (hasattr(x, "__getitem__") and hasattr(x, "on_epoch_end")):
        batches = iter(x) if isinstance(x, tf.data.Dataset) else (x[index] for index in range(len(x)))
        for batch in batches:
            yield unpack(batch)
            if time.monotonic() > ends:
                return
    elif x is not None and all(hasattr(one, "shape") for one in tf.nest.flatten(x)):
        yield x, y


def unpack(data: Any) -> tuple[Any, Any]:
    if isinstance(data, (tuple, list)):
        return data[0], data[1] if len(data) > 1 else None
    return data, None


def take_rows(value: Any, part: slice) -> Any:
    return tf.nest.map_structure(lambda one: one if one is None else one[part], value)


def _callbacks(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given] if given is not None else []


def _bound(record: Record) -> keras.callbacks.Callback:
    class Bound(keras.callbacks.Callback):
        """Ends the training loop in Keras' own way."""

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if record.beyond_bound():
                self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.on_train_batch_end(epoch)

    return Bound()
