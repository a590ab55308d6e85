"""What a tf.train.Checkpoint holds that training could go on from. Runs inside the jail."""

from typing import Any

import keras
import tensorflow as tf

from observe.keras.listen import listen
from observe.keras.private import BaseOptimizer
from observe.record import Record, user_frame

COUNTERS = ("epoch", "step", "global_step", "iteration", "iterations", "current_epoch", "epochs", "steps")
MOST = 20


class Resuming:
    """One entry for each checkpoint that was saved: whether it holds a model, an optimiser, a counter."""

    name = "keras-checkpoints"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.seen: dict[int, dict[str, Any]] = {}
        self.kept: list[Any] = []
        """So that no other checkpoint gets the same id."""
        checkpoint = tf.train.Checkpoint
        listen(self.record, checkpoint, "__init__", after=self._made)
        for name in ("restore", "read"):
            listen(self.record, checkpoint, name, before=self._restoring)
        for name in ("save", "write"):
            listen(self.record, checkpoint, name, after=self._saved)
        listen(self.record, tf.train.CheckpointManager, "save", after=self._managed)
        listen(self.record, tf.train.CheckpointManager, "restore_or_initialize", before=self._beginning)

    def _made(self, result: Any, checkpoint: Any, *args: Any, **kwargs: Any) -> None:
        if user_frame() is None or len(self.kept) >= MOST:
            return
        self.kept.append(checkpoint)
        counter = any(name in COUNTERS for name in kwargs)
        entry = {"where": user_frame(), "counter": counter, "restored": False, "saves": 0, "steps": 0}
        self.seen[id(checkpoint)] = entry

    def _restoring(self, checkpoint: Any, save_path: Any = None, *args: Any, **kwargs: Any) -> None:
        entry = self.seen.get(id(checkpoint))
        if entry is not None and not self.record.steps and save_path is None:
            entry["restored"] = True

    def _beginning(self, manager: Any, *args: Any, **kwargs: Any) -> None:
        self._restoring(manager.checkpoint)

    def _managed(self, result: Any, manager: Any, *args: Any, **kwargs: Any) -> None:
        self._saved(result, manager.checkpoint)

    def _saved(self, result: Any, checkpoint: Any, *args: Any, **kwargs: Any) -> None:
        entry = self.seen.get(id(checkpoint))
        if entry is None:
            return
        if entry["steps"] != self.record.steps:
            entry["saves"] += 1
        entry["steps"] = self.record.steps
        if "model" not in entry:
            held = tf.train.TrackableView(checkpoint).descendants()
            entry["model"] = any(isinstance(one, keras.layers.Layer) for one in held)
            entry["optimizer"] = any(isinstance(one, BaseOptimizer) for one in held)

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": [one for one in self.seen.values() if "model" in one]}
