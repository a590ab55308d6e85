"""How far training moved the weights, how they began, and which were frozen as they began. Runs inside the jail."""

import sys
from typing import Any

import keras
import numpy as np

from observe.keras.calls import Model, to_numpy
from observe.keras.listen import listen
from observe.keras.train import key
from observe.record import OBSERVERS, Record, class_place, is_users, user_frame

MOST_WEIGHTS = 400
SMALLEST = 8
RANDOM = ("random", "glorot", "he", "lecun", "truncated", "variancescaling", "orthogonal", "uniform", "normal")
LARGEST = 2_000_000
"""Values of a weight up to which its rows are compared."""


class Weights:
    """One entry for each weight of the model that was trained."""

    name = "keras-weights"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.training = watch.training
        self.loaded: list[int] = []
        """Steps before each time that the program itself gave weights to a layer."""
        self.places: dict[int, tuple[Any, Any]] = {}
        self.in_call: dict[Any, dict[str, Any]] = {}
        for owner, name in ((keras.Model, "load_weights"), (keras.layers.Layer, "set_weights")):
            listen(self.record, owner, name, after=self._load)
        self.begun: dict[int, str] = {}
        """How weights that are not trainable began, for as long as nobody gives them another value."""
        listen(self.record, keras.Variable, "assign", before=self._assigning)
        listen(self.record, keras.layers.Layer, "add_weight", after=self._added)
        for owner in (keras.models, keras.saving):
            listen(self.record, owner, "load_model", after=self._load)
        listen(self.record, keras.layers.Layer, "__new__", after=self._made)

    def _load(self, result: Any, *args: Any, **kwargs: Any) -> None:
        if user_frame() is not None and not self.record.own_loop:
            self.loaded.append(self.record.steps)

    def _made(self, layer: Any, cls: type, *args: Any, **kwargs: Any) -> None:
        place = user_frame()
        if len(self.places) < 2000:
            self.places[id(layer)] = (layer, place)
        if _within_call():
            entry = self.in_call.setdefault(place, {"name": cls.__name__, "where": place, "count": 0})
            entry["count"] += 1

    def facts(self, root: Model | None) -> dict[str, Any]:
        made = [one for one in self.in_call.values() if one["count"] >= 3][:10]
        if root is None:
            return {"weights": [], "made_in_call": made}
        layers = [one for one in root.module._flatten_layers() if getattr(one, "_trainable_variables", None)]
        found = [entry for layer in layers for entry in self._layer(layer)][:MOST_WEIGHTS]
        loaded = any(step < self.record.steps for step in self.loaded)
        told = {"norms": self._moving(root), "still": self._still(root), "made_in_call": made}
        return {"weights": found, "loaded": loaded, **told}

    def _layer(self, layer: Any) -> list[dict[str, Any]]:
        _, where = self.places.get(id(layer), (None, None))
        entries = [_describe(one, self.training.before.get(key(one))) for one in layer._trainable_variables]
        told = {"layer": type(layer).__name__, "where": where or class_place(type(layer))}
        return [told | entry | _start(layer, entry["name"]) for entry in entries]

    def _added(self, weight: Any, layer: Any, *args: Any, initializer: Any = None, **kwargs: Any) -> None:
        if not weight.trainable and len(weight.shape) > 1:
            name = initializer if isinstance(initializer, str) else type(initializer).__name__
            self.begun[key(weight)] = name.lower().replace("_", "")

    def _assigning(self, variable: Any, value: Any) -> None:
        self.begun.pop(key(variable), None)

    def _still(self, root: Model) -> list[dict[str, Any]]:
        """What layers of the program's own made not trainable, and what nobody gave a value since."""
        found = []
        for layer in root.module._flatten_layers():
            place = None if type(layer).__module__.startswith("keras.") else class_place(type(layer))
            for one in layer._non_trainable_variables if place else []:
                begun = self.begun.get(key(one), "")
                if int(np.prod(one.shape)) >= SMALLEST and begun.startswith(("zeros", *RANDOM)):
                    zero = begun.startswith("zeros")
                    found.append({"name": one.path, "shape": list(one.shape), "zero": zero, "where": place})
        return found[:20]

    def _moving(self, root: Model) -> list[dict[str, Any]]:
        """Batch normalisations that are trainable: what they count moves, whatever is frozen around them."""
        found = []
        for layer in root.module._flatten_layers():
            if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable and layer.built:
                mean, variance = to_numpy(layer.moving_mean.value), to_numpy(layer.moving_variance.value)
                moved = bool(np.abs(mean).max() > 0 or np.abs(variance - 1).max() > 0)
                found.append({"name": layer.path, "moved": moved})
        return found[:100]


def _within_call() -> bool:
    """Whether a `call` of the program itself makes the layer, rather than a layer of Keras' that it calls."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(OBSERVERS):
        frame = frame.f_back
    return frame is not None and is_users(frame.f_code.co_filename) and frame.f_code.co_name == "call"


def _describe(weight: Any, before: tuple[Any, np.ndarray] | None) -> dict[str, Any]:
    values = to_numpy(weight.value).astype(np.float64)
    figures = {
        "name": weight.path,
        "shape": list(values.shape),
        "trainable": bool(weight.trainable),
        "columns_equal": bool(
            values.ndim >= 2
            and values.shape[-1] > 1
            and values.size <= LARGEST
            and (np.ptp(values, axis=-1) == 0).all()
        ),
    }
    if before is None:
        return figures
    first, now = before[1][:-1], values.reshape(-1)[:: max(1, values.size // 4096)]
    scale = max(_rms(first), 1e-12)
    return figures | {
        "rms_before": _rms(first),
        "constant_before": bool(first.size > 1 and np.ptp(first) == 0),
        "moved": _rms(np.nan_to_num(now) - first) / scale,
    }


def _start(layer: Any, name: str) -> dict[str, Any]:
    """How a weight begins, by the initialiser that its layer keeps under the weight's name."""
    initializer = getattr(layer, f"{name.rsplit('/', 1)[-1]}_initializer", None)
    return {"initializer": type(initializer).__name__ if initializer is not None else None}


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(np.nan_to_num(values))))) if values.size else 0.0
