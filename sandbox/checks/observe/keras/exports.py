"""Models that a Keras program exported, loaded again and asked beside the trained one. Runs inside the jail."""

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import Model, first_tensor, to_numpy
from observe.keras.listen import listen
from observe.keras.subject import state_kept
from observe.record import Record, user_frame

MOST = 3
SECONDS = 4.0
SIGNATURES = ("serving_default", "serve")


class Exports:
    """One entry for each SavedModel that was written: what it answers to the captured batch, and to a part of it."""

    name = "keras-exports"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.written: dict[str, Any] = {}
        listen(self.record, keras.Model, "export", after=self._exported)
        listen(self.record, tf.saved_model, "save", after=self._saved)

    def _exported(self, result: Any, model: Any, filepath: Any, format: str = "tf_saved_model", **kwargs: Any) -> None:
        if format == "tf_saved_model" and len(self.written) < MOST:
            self.written[str(Path(filepath).resolve())] = (user_frame(), self.record.steps, model)

    def _saved(self, result: Any, module: Any, export_dir: Any, *args: Any, **kwargs: Any) -> None:
        if user_frame() is not None and len(self.written) < MOST:
            self.written.setdefault(str(Path(export_dir).resolve()), (user_frame(), self.record.steps, module))

    def facts(self, root: Model | None) -> dict[str, Any]:
        if root is None or root.batch is None:
            return {"seen": []}
        ends, seen = time.monotonic() + SECONDS, []
        with self.record.aside():
            for path, (where, steps, module) in self.written.items():
                if Path(path).is_dir() and time.monotonic() < ends:
                    told = {"path": Path(path).name, "where": where, "itself": module is root.module}
                    seen.append(told | {"last": steps == self.record.steps} | _compared(path, root))
        return {"seen": seen}


def _compared(path: str, root: Model) -> dict[str, Any]:
    """How far its answers are from those in evaluation mode; the sizes of a batch that it refuses."""
    signatures = tf.saved_model.load(path).signatures
    name = next((one for one in SIGNATURES if one in signatures), next(iter(signatures), None))
    tensors = [tf.convert_to_tensor(one) for one in tf.nest.flatten(root.batch)]
    if name is None or len(tensors) != 1:
        return {}
    (argument, wanted), *_ = signatures[name].structured_input_signature[1].items()
    rows, found = len(tensors[0]), {"refused": [], "answered": []}
    declared = wanted.shape[0] if wanted.shape.rank else None
    for size in dict.fromkeys((declared or rows, rows, 1)):
        if size <= rows:
            part = tensors[0][:size]
            _ask(signatures[name], {argument: tf.cast(part, wanted.dtype)}, root.module, part, found)
    return found


def _ask(function: Any, given: dict[str, Any], module: Any, batch: Any, found: dict[str, Any]) -> None:
    """Ask the exported function twice, and the model itself in both modes."""
    try:
        told, again = (to_numpy(first_tensor(function(**given))) for _ in range(2))
    except Exception:
        found["refused"].append(len(batch))
        return
    found["answered"].append(len(batch))
    expected = to_numpy(first_tensor(module(batch, training=False)))
    found["difference"] = max(found.get("difference", 0.0), _difference(told, expected))
    found["again"] = max(found.get("again", 0.0), _difference(again, told))
    if "from_training" not in found:
        found["from_training"] = _difference(told, _in_training(module, batch))


def _in_training(module: Any, batch: Any) -> np.ndarray:
    """The answer in training mode; what that changes in the model is put back."""
    with state_kept(module):
        return to_numpy(first_tensor(module(batch, training=True)))


def _difference(first: np.ndarray, second: np.ndarray) -> float:
    if first.shape != second.shape:
        return 1e9
    scale = max(1e-12, float(np.abs(second).max())) if second.size else 1.0
    return float(np.abs(first.astype(np.float64) - second).max()) / scale if first.size else 0.0
