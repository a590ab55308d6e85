"""What happens to gradients between the tape and the step: clipping, loss scaling, and what nobody asked for.

Runs inside the jail. In a traced function each step is seen once, while it is traced.
"""

from typing import Any

import tensorflow as tf

from observe.keras.calls import Model
from observe.keras.listen import listen
from observe.keras.private import LossScaleOptimizer
from observe.keras.train import is_variable, key
from observe.record import Record, user_frame

CLIPPING = ("clip_by_global_norm", "clip_by_norm", "clip_by_value")


class Gradients:
    """Follows gradients by identity: a clipped one is another tensor than the one that was clipped."""

    name = "keras-gradients"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.taken: list[Any] = []
        self.sources: set[int] = set()
        self.before_clip: list[Any] = []
        self.clipped: list[Any] = []
        self.clip: dict[str, Any] = {"calls": 0, "where": None, "dropped": 0, "used": 0}
        self.scaled = 0
        self.scaling: dict[str, Any] = {"steps": 0, "unscaled": 0, "plain": 0, "where": None}
        self.where: Any = None
        self.record.on("differentiated", self._differentiated)
        self.record.on("stepping", self._stepping)
        listen(self.record, LossScaleOptimizer, "scale_loss", before=self._scaling)
        for name in CLIPPING:
            listen(self.record, tf, name, after=self._clipping)

    def _differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        self.sources.update(key(one) for one in tf.nest.flatten(sources) if is_variable(one))
        self.taken = [one for one in tf.nest.flatten(gradients) if one is not None]
        self.where = self.where or user_frame()

    def _clipping(self, result: Any, values: Any, *args: Any, **kwargs: Any) -> None:
        given = [one for one in tf.nest.flatten(values) if any(one is grad for grad in self.taken)]
        if not given:
            return
        self.clip["calls"] += 1
        self.clip["where"] = user_frame()
        self.before_clip += given
        self.clipped += [one for one in tf.nest.flatten(result) if one is not None]

    def _scaling(self, optimizer: Any, loss: Any) -> None:
        self.scaled += 1

    def _stepping(self, optimizer: Any, gradients: list[Any], variables: list[Any]) -> None:
        self._judge_clip([id(one) for one in gradients if one is not None])
        self.scaling["where"] = self.scaling["where"] or user_frame()
        if isinstance(optimizer, LossScaleOptimizer):
            self.scaling["steps"] += 1
            self.scaling["unscaled"] += not self.scaled
        else:
            self.scaling["plain"] += 1
        self.scaled, self.taken = 0, []

    def _judge_clip(self, applied: list[int]) -> None:
        """Dropped: the very tensors that were clipped are applied, and none that came out of the clipping."""
        if self.clipped:
            after, before = {id(one) for one in self.clipped}, {id(one) for one in self.before_clip}
            self.clip["used"] += bool(after & set(applied))
            self.clip["dropped"] += not after & set(applied) and bool(before & set(applied))
        self.before_clip, self.clipped = [], []

    def facts(self, root: Model | None) -> dict[str, Any]:
        trainable = root.module.trainable_weights if root is not None else []
        asked = any(key(one) in self.sources for one in trainable)
        left = [one.path for one in trainable if key(one) not in self.sources] if asked else []
        half = root is not None and any(_computes_in_half(one) for one in root.module._flatten_layers())
        return {
            "clip": self.clip,
            "scaling": {**self.scaling, "half": half},
            "left_out": left[:50],
            "trainable": len(trainable),
            "where": self.where,
        }


def _computes_in_half(layer: Any) -> bool:
    return bool(layer.weights) and getattr(layer, "compute_dtype", "") == "float16"
