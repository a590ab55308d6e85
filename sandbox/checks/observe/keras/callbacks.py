"""What callbacks of `fit` watched, in which direction, and what came of it. Runs inside the jail."""

import weakref
from typing import Any

import keras

from observe.keras.listen import listen
from observe.record import Record, user_frame

WATCHING = (keras.callbacks.EarlyStopping, keras.callbacks.ModelCheckpoint, keras.callbacks.ReduceLROnPlateau)
DIRECTIONS = {"less": "min", "greater": "max"}


class Callbacks:
    """One entry for each callback that compares figures, at the line that made it."""

    name = "callbacks"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.places: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self.seen: list[dict[str, Any]] = []
        listen(self.record, keras.callbacks.Callback, "__init__", before=self._made)
        listen(self.record, keras.Model, "fit", after=self._fitted)

    def _made(self, callback: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(callback, WATCHING):
            self.places[callback] = user_frame()

    def _fitted(self, result: Any, model: Any, *args: Any, **kwargs: Any) -> None:
        given = kwargs.get("callbacks", args[5] if len(args) > 5 else None)
        history = getattr(result, "history", {})
        if self.record.own_loop or not history:
            return
        for one in given if isinstance(given, (list, tuple)) else [given]:
            if isinstance(one, WATCHING) and len(self.seen) < 50:
                self.seen.append(self._describe(one, history))

    def _describe(self, callback: Any, history: dict[str, list[float]]) -> dict[str, Any]:
        told = getattr(callback.monitor_op, "__name__", "")
        direction = DIRECTIONS.get(told) or (callback.mode if callback.mode in ("min", "max") else None)
        values = [float(one) for one in history.get(callback.monitor, [])]
        best = {"min": min, "max": max}.get(direction or "")
        return {
            "kind": next(cls.__name__ for cls in WATCHING if isinstance(callback, cls)),
            "where": self.places.get(callback),
            "monitor": str(callback.monitor),
            "direction": direction,
            "logged": sorted(history),
            "restores": bool(getattr(callback, "restore_best_weights", False)),
            "best_only": bool(getattr(callback, "save_best_only", False)),
            "best": best(values) if best and values else None,
            "last": values[-1] if values else None,
        }

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": self.seen}
