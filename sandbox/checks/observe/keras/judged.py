"""What the metrics of a Keras program are given: scores that are no probabilities, and labels of another kind.

Runs inside the jail. In a traced function the latest batch is written to variables, which are read at the end.
"""

from functools import wraps
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import Model, to_numpy
from observe.keras.losses_slots import Slot
from observe.keras.metrics import hits, is_accuracy
from observe.keras.private import confusion_metrics
from observe.passes import timed
from observe.record import Record, harmless, user_frame

MOST = 30
ROWS = 256
OWNERS = (
    keras.metrics.MeanMetricWrapper,
    keras.metrics.Precision,
    keras.metrics.Recall,
    keras.metrics.AUC,
    confusion_metrics._ConfusionMatrixConditionCount,
    confusion_metrics.SensitivitySpecificityBase,
)


class Judged:
    """The latest batch that each metric was given."""

    name = "judged"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.calls, self.losses = watch.calls, watch.losses
        self.seen: dict[tuple[int, bool], dict[str, Any]] = {}
        for owner in OWNERS:
            owner.update_state = self._watched(owner.update_state)

    def _watched(self, original: Any) -> Any:
        look = harmless(self.record)(self._look)

        @wraps(original)
        def update_state(metric: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.record.depth and not self.losses.in_xla:
                look(metric, y_true, y_pred)
            return original(metric, y_true, y_pred, *args, **kwargs)

        return update_state

    def _look(self, metric: Any, y_true: Any, y_pred: Any) -> None:
        eager = tf.executing_eagerly()
        entry = self.seen.get((id(metric), eager))
        if entry is None and len(self.seen) < MOST:
            entry = self.seen[id(metric), eager] = {"metric": metric, "where": user_frame(), "slot": None, "due": 0}
        if entry is None:
            return
        entry["whole"] = not tf.as_dtype(y_true.dtype).is_floating
        if not eager:
            # Keras traces a step more than once, and only one of the traces runs.
            entry["slot"] = entry["slot"] or Slot()
            entry["slot"].write(0.0, output=tf.convert_to_tensor(y_pred), target=tf.convert_to_tensor(y_true))
        elif entry["due"] < 3 or self.record.affords():
            entry["due"] += 1
            entry["latest"] = timed(self.record, _arrays, y_true, y_pred)

    def facts(self, root: Model | None) -> dict[str, Any]:
        compiled = {id(one) for model in self.calls.models.values() for one in _compiled(model.module)}
        found = []
        with self.record.aside():
            for entry in self.seen.values():
                arrays = _latest(entry)
                if arrays is not None:
                    known = id(entry["metric"]) in compiled
                    found.append({"where": entry["where"], **_describe(entry["metric"], *arrays, known)})
        return {"seen": found}


def _arrays(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    return to_numpy(tf.convert_to_tensor(y_true)[:ROWS]), to_numpy(tf.convert_to_tensor(y_pred)[:ROWS])


def _latest(entry: dict[str, Any]) -> tuple[np.ndarray, np.ndarray] | None:
    slot = entry["slot"]
    if slot is None:
        return entry.get("latest")
    if not slot.called():
        return None
    target = slot.read("target")
    return target.astype(np.int64) if entry["whole"] else target, slot.read("output")


def _compiled(model: keras.Model) -> list[Any]:
    return list(getattr(getattr(model, "_compile_metrics", None), "metrics", []) or [])


def _describe(metric: Any, target: np.ndarray, answer: np.ndarray, compiled: bool) -> dict[str, Any]:
    """`told` and `right` are left out where `fit` has compared them already."""
    figures = {
        "name": metric.name,
        "kind": str(getattr(getattr(metric, "_fn", None), "__name__", type(metric).__name__)),
        "threshold": _threshold(metric),
        "low": float(np.nanmin(answer)) if answer.size else None,
        "high": float(np.nanmax(answer)) if answer.size else None,
        "samples": len(target) if target.ndim else 0,
        "of_values": is_accuracy(metric) and _are_values(target),
    }
    if compiled or not is_accuracy(metric) or figures["of_values"]:
        return figures
    right = hits(answer, target)
    if right is None:
        return figures
    fresh = type(metric).from_config(metric.get_config())
    fresh.update_state(target, answer)
    return figures | {"told": float(fresh.result())} | right


def _are_values(target: np.ndarray) -> bool:
    """Whether single numbers are asked for, most of which are no labels."""
    single = target.ndim == 1 or (target.ndim == 2 and target.shape[1] == 1)
    return bool(single and target.dtype.kind == "f" and target.size and (target % 1 != 0).mean() > 0.5)


def _threshold(metric: Any) -> float | None:
    """Where the metric cuts what it is given, between 0 and 1; any number of thresholds count as one half."""
    if getattr(metric, "_from_logits", False) or getattr(metric, "top_k", None) is not None:
        return None
    told = getattr(metric, "thresholds", None)
    if told is None:
        told = getattr(metric, "_fn_kwargs", {}).get("threshold")
        told = 0.5 if told is None and getattr(metric, "_fn", None) is keras.metrics.binary_accuracy else told
    cut = [float(one) for one in np.ravel(told if told is not None else [])]
    return (cut[0] if len(cut) == 1 else 0.5) if cut and all(-1e-3 < one < 1.001 for one in cut) and any(cut) else None
