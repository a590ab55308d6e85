"""What traced functions of TensorFlow do: Python sees each of their steps only once, while they are traced.

So the trace itself is extended: the loss, the norms of the gradients and a counter are written to variables, which are
read after each call of the function. Runs inside the jail.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from observe.keras.calls import Model, first_tensor, to_numpy
from observe.keras.private import Function
from observe.keras.variables import kept, of_any_shape
from observe.passes import row_hashes, timed
from observe.record import TrainingEnded, harmless

WATCHED_TENSORS = 512
"""Gradients whose norms are written out of a traced function."""


class Traced:
    """The counters that traces write to, and what each function is known to do."""

    def __init__(self, training: Any) -> None:
        self.training, self.record = training, training.record
        self.calls, self.passes = training.calls, training.passes
        self.inside = False
        self.touched: set[str] = set()
        self.kinds: dict[int, tuple[Any, set[str]]] = {}
        self.loss = kept(0.0)
        self.gradients = kept(np.int64(0))
        self.steps = kept(np.int64(0))
        self.seen = [0, 0]
        self.fed: list[Callable[..., None]] = []
        """Told "trained" or "evaluated", the model, its inputs, and what else a traced function was given."""

    def differentiated(self, loss: Any) -> None:
        """To be called while a function is traced that takes the gradient of this loss."""
        self.touched.add("gradient")
        self.loss.assign(loss)
        self.gradients.assign_add(1)

    def stepping(self, optimizer: Any, variable: Any, norms: Any) -> Any:
        """To be called while a step is traced; the variable that will hold the norms, which is made the first time."""
        self.touched |= {"step", f"step:{id(optimizer)}"}
        variable = variable if variable is not None else of_any_shape(tf.float32)
        variable.assign(norms)
        self.steps.assign_add(1)
        return variable

    def install(self) -> None:
        original, after = Function.__call__, harmless(self.record, False)(self._after_function)

        def call(function: Any, *args: Any, **kwargs: Any) -> Any:
            if self.inside or not tf.executing_eagerly():
                return original(function, *args, **kwargs)
            self.inside = True
            self.touched, self.calls.traced = set(), set()
            try:
                result = original(function, *args, **kwargs)
            finally:
                self.inside = False
            if after(function, args, kwargs, result):
                raise TrainingEnded
            return result

        Function.__call__ = call

    def _after_function(self, function: Any, args: Any, kwargs: Any, result: Any) -> bool:
        _, kinds = self.kinds.setdefault(id(function), (function, set()))
        kinds |= self.touched | self.calls.traced
        if not kinds:
            return False
        if kinds & {"gradient", "step"}:
            return self._read_counters(kinds, args, kwargs)
        self._evaluated(kinds, args, kwargs)
        return False

    def _read_counters(self, kinds: set[str], args: Any, kwargs: Any) -> bool:
        gradients, steps = int(self.gradients), int(self.steps)
        taken, made = gradients - self.seen[0], steps - self.seen[1]
        self.seen = [gradients, steps]
        if taken:
            self.record.backwards += taken
            self.record.loss(float(self.loss))
            self._inputs(kinds, args, kwargs)
        if made:
            stepped = [held for one, held in self.training.held.items() if f"step:{one}" in kinds]
            for held in stepped:
                self.training.stepped(held, max(1, made // len(stepped)))
        return bool(made) and not self.passes.active and not self.record.own_loop and self.record.beyond_bound()

    def _inputs(self, kinds: set[str], args: Any, kwargs: Any) -> None:
        """The batch of a traced step is found among the arguments of its function."""
        for model, inputs in self._matching(kinds, args, kwargs):
            lead = first_tensor(inputs)
            model.capture(inputs)
            for hook in self.fed:
                hook("trained", model, lead, tf.nest.flatten((args, kwargs)))
            if self.passes.wants_training_hashes():
                self.passes.trained_on(timed(self.record, row_hashes, to_numpy(lead)))

    def _evaluated(self, kinds: set[str], args: Any, kwargs: Any) -> None:
        """A traced call without a gradient: the model is asked again, outside of the trace, to see its answer."""
        if self.record.own_loop or self.record.depth:
            return
        for model, inputs in self._matching(kinds, args, kwargs):
            lead = first_tensor(inputs)
            with self.record.aside():
                answer = first_tensor(model.module(inputs, training=False))
            for hook in self.fed:
                hook("evaluated", model, lead, tf.nest.flatten((args, kwargs)))
            if answer is not None:
                modes = kinds & {f"{mode}:{id(model.module)}" for mode in ("train", "other")}
                self.calls.answered(model, lead, answer, training=modes == {f"train:{id(model.module)}"})

    def _matching(self, kinds: set[str], args: Any, kwargs: Any) -> list[tuple[Model, Any]]:
        leaves = [one for one in tf.nest.flatten((args, kwargs)) if isinstance(one, (tf.Tensor, np.ndarray))]
        found = []
        for model in self.calls.models.values():
            if f"model:{id(model.module)}" in kinds and model.spec:
                given = _fitting(model.spec, leaves)
                if given is not None:
                    found.append((model, tf.nest.pack_sequence_as(model.structure, given)))
        return found


def _fitting(specs: list[tf.TensorSpec], leaves: list[Any]) -> list[Any] | None:
    """One of the tensors for each specification, in their order; None where one of them was made inside the trace."""
    found, left = [], list(leaves)
    for spec in specs:
        fits = [one for one in left if one.dtype == spec.dtype and spec.shape.is_compatible_with(one.shape)]
        if not fits:
            return None
        found.append(fits[0])
        left = [one for one in left if one is not fits[0]]
    return found
