"""Metrics of a Keras program: whether they begin anew at each epoch, and whether an accuracy is the share of hits.

Runs inside the jail.
"""

import weakref
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import LARGEST_BATCH, first_tensor, to_numpy
from observe.keras.fit import pairs, take_rows, unpack
from observe.keras.listen import listen
from observe.passes import pair
from observe.record import Record, user_frame

MOST_TOTALS = 50


class Metrics:
    """The sums that metrics hold where an epoch ends, and the accuracies of fit beside our own."""

    name = "metrics"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.made: list[tuple[weakref.ref[Any], dict[str, Any]]] = []
        self.accuracies: list[dict[str, Any]] = []
        listen(self.record, keras.metrics.Metric, "__init__", before=self._made)
        listen(self.record, keras.Model, "reset_metrics", after=self._reset)
        listen(self.record, keras.Model, "fit", after=self._fitted)
        self.record.on("passed", self._passed)

    def _made(self, metric: Any, *args: Any, **kwargs: Any) -> None:
        if len(self.made) < 100:
            entry = {"kind": type(metric).__name__, "where": user_frame(), "after_reset": [], "after_pass": []}
            self.made.append((weakref.ref(metric), entry))

    def _reset(self, result: Any, model: Any) -> None:
        """What the program keeps on the model itself must be empty once Keras has reset the model's metrics."""
        kept = [one for value in vars(model).values() for one in (value if isinstance(value, list) else [value])]
        own = {id(one) for one in kept if isinstance(one, keras.metrics.Metric)}
        for reference, entry in self.made:
            metric = reference()
            if metric is not None and id(metric) in own and len(entry["after_reset"]) < MOST_TOTALS:
                entry["after_reset"].append(_total(metric))

    def _passed(self, current: Any, complete: bool) -> None:
        if self.record.own_loop or self.record.depth or not complete:
            return
        for reference, entry in self.made:
            metric = reference()
            if metric is None or len(entry["after_pass"]) >= MOST_TOTALS:
                continue
            total = _total(metric)
            if total > 0 and entry["after_pass"][-1:] != [total]:
                entry["after_pass"].append(total)

    def _fitted(self, result: Any, model: Any, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> None:
        """Count the hits of one batch ourselves, beside a fresh copy of each accuracy that was compiled."""
        compiled = getattr(model, "_compile_metrics", None)
        accuracies = [one for one in getattr(compiled, "metrics", []) if is_accuracy(one)]
        if self.record.own_loop or not accuracies or len(self.accuracies) > 20:
            return
        with self.record.aside():
            inputs, targets = _one_batch(x, y)
            answer = first_tensor(model(inputs, training=False))
            right = hits(to_numpy(answer), to_numpy(targets))
            for one in accuracies if right is not None else []:
                fresh = type(one).from_config(one.get_config())
                fresh.update_state(targets, answer)
                told = {"name": one.name, "kind": _function(one), "told": float(fresh.result()), "where": user_frame()}
                self.accuracies.append(told | right)

    def facts(self, root: Any) -> dict[str, Any]:
        named = [{"name": getattr(one(), "name", ""), **entry} for one, entry in self.made]
        kept = [one for one in named if one["where"] and (one["after_reset"] or one["after_pass"])]
        return {"made": kept[:50], "accuracies": self.accuracies}


def _total(metric: Any) -> float:
    """What a metric has counted: samples or batches, where it counts them, or else the sum of all that it holds."""
    count = getattr(metric, "count", None)
    if isinstance(count, keras.Variable):
        return float(to_numpy(count.value))
    return float(sum(np.abs(to_numpy(one.value)).sum() for one in metric.variables))


def is_accuracy(metric: Any) -> bool:
    """Whether a metric is the mean of a function that counts right answers."""
    name = f"{metric.name} {_function(metric)}".lower()
    return isinstance(metric, keras.metrics.MeanMetricWrapper) and "acc" in name and "top" not in name


def _function(metric: Any) -> str:
    return str(getattr(getattr(metric, "_fn", None), "__name__", type(metric).__name__))


def _one_batch(x: Any, y: Any) -> tuple[Any, Any]:
    if isinstance(x, tf.data.Dataset):
        return unpack(next(iter(x.take(1))))[:2]
    inputs, targets = next(pairs(x, y, seconds=1.0))
    return take_rows(inputs, slice(LARGEST_BATCH)), take_rows(targets, slice(LARGEST_BATCH))


def hits(answer: np.ndarray, target: np.ndarray) -> dict[str, Any] | None:
    """Share of right answers; None where the target is not one class for each sample."""
    paired = pair(answer, [target]) if answer.ndim == 2 and (target >= 0).all() else None
    if paired is None or paired[0] == "values":
        return None
    task, predicted, right = paired
    bounded = bool(answer.min() >= 0 and answer.max() <= 1)
    if task == "scores":
        predicted = predicted > (0.5 if bounded else 0.0)
    return {"right": float((predicted == right).mean()), "samples": len(right), "task": task, "bounded": bounded}
