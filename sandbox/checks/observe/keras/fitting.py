"""How `compile`, `fit` and `predict` were used: the data's axes, what was trainable when, eager runs, calls in loops.

Runs inside the jail.
"""

from typing import Any

import keras
import tensorflow as tf

from observe.keras.listen import listen
from observe.keras.train import key
from observe.passes import Pass
from observe.record import Record, user_frame

MOST_FITS = 20
MOST_EPOCHS = 1000
FIT = ("x", "y", "batch_size", "epochs")


class Fitting:
    """One entry for each call of fit, and the calls of predict by their line."""

    name = "fitting"
    at_any_time = True
    """Told with the first facts: a dataset without an end is never told of at the end."""

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.fits: list[dict[str, Any]] = []
        self.predictions: dict[tuple[str, int] | None, dict[str, Any]] = {}
        self.trained: dict[int, tuple[Any, dict[int, str]]] = {}
        """Model -> its trainable variables when its training function was made."""
        self.debugged: dict[str, Any] | None = None
        """Where functions were told to run eagerly, and after how many steps."""
        self.endless: dict[int, Any] = {}
        """Passes over datasets without an end that are under way -> the line of their loop."""
        self.record.on("batch", self._batch)
        self.record.on("passed", self._passed)
        listen(self.record, tf.config, "run_functions_eagerly", after=self._switched)
        listen(self.record, keras.Model, "fit", before=self._fitting, after=self._fitted)
        listen(self.record, keras.Model, "predict", before=self._predicting)

    def _switched(self, result: Any, run_eagerly: bool) -> None:
        switched = {"where": user_frame(), "steps_before": self.record.steps}
        self.debugged = (self.debugged or switched) if run_eagerly else None

    def _batch(self, current: Pass, leaves: list[Any]) -> None:
        known = current.batches > 1 or self.record.own_loop or not isinstance(current.source, tf.data.Dataset)
        if not known and int(current.source.cardinality()) == tf.data.INFINITE_CARDINALITY:
            self.endless[id(current)] = user_frame()

    def _passed(self, done: Pass, complete: bool) -> None:
        self.endless.pop(id(done), None)

    def _fitting(self, model: Any, *args: Any, **kwargs: Any) -> None:
        if self.record.own_loop or len(self.fits) >= MOST_FITS:
            return
        given = {**dict(zip(FIT, args, strict=False)), **kwargs}
        self.fits.append(
            {
                "where": user_frame(),
                "run_eagerly": bool(getattr(model, "run_eagerly", False)),
                "epochs": given.get("epochs", 1),
                "steps_per_epoch": given.get("steps_per_epoch"),
                "changed": self._changed(model),
                "steps_before": self.record.steps,
                **_dataset(given.get("x"), model),
            }
        )

    def _changed(self, model: Any) -> list[str]:
        """Variables frozen or unfrozen since the training function that is used again was made."""
        if not model.built:
            return []
        now = {key(one): one.path for one in model.trainable_variables}
        function, before = self.trained.get(id(model), (None, {}))
        if getattr(model, "run_eagerly", False) or function is None or function is not model.train_function:
            return []
        return [{**now, **before}[one] for one in now.keys() ^ before.keys()][:50]

    def _fitted(self, result: Any, model: Any, *args: Any, **kwargs: Any) -> None:
        if self.record.own_loop:
            return
        if self.fits:
            self.fits[-1]["steps"] = self.record.steps - self.fits[-1]["steps_before"]
            loss = getattr(result, "history", {}).get("loss", [])
            self.fits[-1]["history"] = {"loss": [float(one) for one in loss[:MOST_EPOCHS]]}
        if id(model) not in self.trained or self.trained[id(model)][0] is not model.train_function:
            names = {key(one): one.path for one in model.trainable_variables}
            self.trained[id(model)] = (model.train_function, names)

    def _predicting(self, model: Any, x: Any = None, *args: Any, **kwargs: Any) -> None:
        entry = self.predictions.setdefault(user_frame(), {"calls": 0, "rows": 0})
        entry["calls"] += 1
        rows = getattr(x, "shape", (0,))
        entry["rows"] = max(entry["rows"], int(rows[0]) if len(rows) and rows[0] else 0)

    def facts(self, root: Any) -> dict[str, Any]:
        predictions = [{"where": where, **entry} for where, entry in self.predictions.items()]
        return {
            "fits": [{"steps": self._steps_since(one), **one} for one in self.fits],
            "predictions": predictions[:20],
            "endless": list(self.endless.values())[:1],
            "debugged": self.debugged and {"steps": self._steps_since(self.debugged), **self.debugged},
        }

    def _steps_since(self, told: dict[str, Any]) -> int:
        """Of a fit that has not come to its end, if it ever will, and of functions that run eagerly."""
        return self.record.steps - int(told["steps_before"])


def _dataset(x: Any, model: Any) -> dict[str, Any]:
    """Axes of a dataset's elements, beside those that the model's first input has."""
    if not isinstance(x, tf.data.Dataset):
        return {}
    spec = x.element_spec
    parts = spec if isinstance(spec, tuple) else (spec,)
    first = [one for one in tf.nest.flatten(parts[0]) if isinstance(one, tf.TensorSpec)][:1]
    last = [one for one in tf.nest.flatten(parts[1:2]) if isinstance(one, tf.TensorSpec)][:1]
    inputs = [one for one in tf.nest.flatten(getattr(model, "inputs", None) or []) if hasattr(one, "shape")][:1]
    return {
        "x_axes": first[0].shape.rank if first else None,
        "y_axes": last[0].shape.rank if last else None,
        "model_axes": len(inputs[0].shape) if inputs else None,
        "endless": int(x.cardinality()) == tf.data.INFINITE_CARDINALITY,
    }
