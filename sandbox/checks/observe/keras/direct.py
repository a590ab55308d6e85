"""The samples of a Keras program that come to the model without a loader: slices of arrays, in a loop of its own.

Runs inside the jail.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from observe.data import ASKED, Ledger
from observe.keras.calls import first_tensor, to_numpy
from observe.keras.losses_graph import taped
from observe.passes import timed
from observe.record import harmless, user_frame

MOST_ROWS = 20_000


class Direct:
    """Adds to the ledger what models are called with, eagerly or as an argument of a traced function."""

    def __init__(self, watch: Any, ledger: Ledger) -> None:
        self.record, self.passes, self.ledger = watch.record, watch.passes, ledger
        self.pending: tuple[Any, Any] | None = None
        """(model, inputs) of the first call under a tape."""
        self.labels: Any = None
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        watch.losses.told.append(harmless(self.record)(self._labelled))
        watch.training.traced.fed.append(harmless(self.record)(self._fed))

    def _called(self, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        inputs = first_tensor((args, kwargs))
        if inputs is None or not tf.executing_eagerly() or self._is_elsewhere():
            return
        if taped():
            self.pending = self.pending or (model, inputs)
        else:
            self._add("evaluated", model, inputs, None)

    def _labelled(self, target: Any) -> None:
        if taped():
            self.labels = target

    def _differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        pending, self.pending = self.pending, None
        labels, self.labels = self.labels, None
        if pending is not None and tf.executing_eagerly():
            self._add("trained", *pending, labels)

    def _fed(self, role: Any, model: Any, inputs: Any, given: list[Any]) -> None:
        """The labels are what comes last and has as many rows."""
        others = [one for one in given if one is not inputs and len(getattr(one, "shape", None) or ())]
        if not self._is_elsewhere():
            self._add(role, model, inputs, others[-1] if others else None)

    def _is_elsewhere(self) -> bool:
        """Whether a loader hands the samples out, or a loop of Keras' own."""
        return bool(self.passes.active) or self.record.own_loop or self.record.depth > 0

    def _add(self, role: Any, model: Any, inputs: Any, labels: Any) -> None:
        samples = self.ledger.of(role, (ASKED, id(model.module)), user_frame())
        if samples is None or samples.epochs[0].rows > MOST_ROWS or not self.record.affords():
            if samples is not None:
                samples.whole = False
            return
        fits = labels is not None and len(np.shape(labels)) > 0 and len(labels) == len(inputs)
        timed(self.record, samples.add, to_numpy(inputs), to_numpy(labels) if fits else None)
