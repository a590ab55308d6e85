"""Gradients and optimiser steps of a TensorFlow program, in eager code and inside traced functions.

Inside a traced function Python sees each step only once. So the trace itself is extended: the loss, the norms of the
gradients and a counter are written to variables, which are read after each call of the function.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import Calls, Model, first_tensor, key, to_numpy
from observe.keras.choices import describe_optimizer
from observe.keras.private import BaseOptimizer, Function, LossScaleOptimizer, OwnedIterator
from observe.passes import Passes, row_hashes, timed
from observe.record import DETACHED, Record, TrainingEnded, harmless, user_frame

SAMPLED_VALUES = 4096
WATCHED_TENSORS = 512
"""Gradients whose norms are written out of a traced function; it may create no variable, so there is a fixed supply."""


class Held:
    """One optimiser and the gradients it was given."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer
        self.where = user_frame()
        self.keys: dict[int, Any] = {}
        self.without: set[int] = set()
        self.norms: Any = None
        self.order: list[int] = []
        self.steps = 0
        self.learning_rates: list[float] = []


class Training:
    """The ledger of gradients, steps and parameters."""

    def __init__(self, record: Record, calls: Calls, passes: Passes) -> None:
        self.record, self.calls, self.passes = record, calls, passes
        self.held: dict[int, Held] = {}
        self.before: dict[int, tuple[Any, np.ndarray]] = {}
        self.got_gradient: set[int] = set()
        self.connected: set[int] = set()
        self.norms: list[list[float]] = []
        self.nonfinite = 0
        self.inside = self.applying = False
        self.touched: set[str] = set()
        self.kinds: dict[int, tuple[Any, set[str]]] = {}
        self.unscaled: Any = None
        self.loss = tf.Variable(0.0, trainable=False)
        self.gradients = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.seen = [0, 0]
        self.fed: list[Callable[..., None]] = []
        """Told "trained" or "evaluated", the model, its inputs, and what else a traced function was given."""
        self.spare = [tf.Variable(tf.zeros([WATCHED_TENSORS]), trainable=False) for _ in range(8)]

    def install(self) -> None:
        self._watch_tape()
        self._watch_apply()
        self._watch_functions()
        self._watch_iterators()

    def _watch_tape(self) -> None:
        original, taken = tf.GradientTape.gradient, harmless(self.record)(self._gradient_taken)
        scale, record = LossScaleOptimizer.scale_loss, self.record

        def gradient(tape: Any, target: Any, sources: Any, *args: Any, **kwargs: Any) -> Any:
            if record.depth >= DETACHED:
                return original(tape, target, sources, *args, **kwargs)
            with record.during("backward"):
                found = original(tape, target, sources, *args, **kwargs)
            taken(target, sources, found)
            return found

        def scale_loss(optimizer: Any, loss: Any) -> Any:
            self.unscaled = loss
            return scale(optimizer, loss)

        tf.GradientTape.gradient, LossScaleOptimizer.scale_loss = gradient, scale_loss

    def _gradient_taken(self, target: Any, sources: Any, found: Any) -> None:
        variables = [one for one in tf.nest.flatten(sources) if is_variable(one)]
        if not variables:
            return
        self.connected.update(
            key(one)
            for one, grad in zip(tf.nest.flatten(sources), tf.nest.flatten(found), strict=False)
            if grad is not None
        )
        self.record.tell("differentiated", target, sources, found)
        target, self.unscaled = (self.unscaled if self.unscaled is not None else target), None
        value = tf.cast(tf.reduce_mean(first_or_only(target)), tf.float32)
        for one in variables:
            self.remember(one)
        if tf.executing_eagerly():
            self.record.backwards += 1
            self.record.loss(value)
            self._mode(self.calls.trained({key(one) for one in variables}))
            self.passes.trained_on(self.calls.waiting)
            self.calls.waiting = []
            return
        self.touched.add("gradient")
        self._mode(self.calls.trained({key(one) for one in variables}))
        self.loss.assign(value)
        self.gradients.assign_add(1)

    def _mode(self, model: Model | None) -> None:
        if model is not None and model.last_mode is not None:
            self.calls.modes["trained_in_train" if model.last_mode else "trained_in_eval"] += 1
        elif model is not None and model.module._call_has_training_arg:
            self.calls.modes["trained_in_eval"] += 1

    def _watch_apply(self) -> None:
        before = harmless(self.record)(self._before_apply)
        after = harmless(self.record, False)(self._after_apply)
        for cls in (BaseOptimizer, LossScaleOptimizer):
            original = cls.apply

            def apply(optimizer: Any, grads: Any, trainable_variables: Any = None, _original: Any = original) -> Any:
                if self.applying:
                    return _original(optimizer, grads, trainable_variables)
                grads = list(grads)
                variables = list(trainable_variables) if trainable_variables is not None else None
                self.applying = True
                try:
                    held = before(optimizer, grads, variables)
                    result = _original(optimizer, grads, variables)
                finally:
                    self.applying = False
                if after(held):
                    raise TrainingEnded
                return result

            cls.apply = apply

    def _before_apply(self, optimizer: Any, grads: list[Any], variables: list[Any] | None) -> Held:
        held = self.held.get(id(optimizer))
        if held is None:
            held = self.held[id(optimizer)] = Held(optimizer)
        variables = variables if variables is not None else list(optimizer._trainable_variables)
        self.record.tell("stepping", optimizer, grads, variables)
        held.keys.update({key(one): one for one in variables})
        for one in variables:
            self.remember(one)
        pairs = [(key(one), grad) for one, grad in zip(variables, grads, strict=True)]
        held.without = {one for one, grad in pairs if grad is None}
        given = [(one, getattr(grad, "values", grad)) for one, grad in pairs if grad is not None]
        held.order = [one for one, _ in given]
        if not given:
            return held
        if tf.executing_eagerly():
            if held.steps < 10 or self.record.affords():
                held.norms = timed(self.record, _norms, [grad for _, grad in given])
            return held
        self.touched |= {"step", f"step:{id(optimizer)}"}
        held.norms = held.norms if held.norms is not None else self.spare.pop()
        norms = _norms([grad for _, grad in given][:WATCHED_TENSORS])
        held.norms.assign(tf.pad(norms, [[0, WATCHED_TENSORS - len(given[:WATCHED_TENSORS])]]))
        self.steps.assign_add(1)
        return held

    def _after_apply(self, held: Held | None) -> bool:
        """Count an eager step; true where the loop must be ended here."""
        if held is None or not tf.executing_eagerly():
            return False
        self._stepped(held, 1)
        return not self.passes.active and self.record.beyond_bound()

    def _stepped(self, held: Held, count: int) -> None:
        held.steps += count
        self.record.step(count)
        self.record.tell("stepped", held.optimizer)
        if held.norms is not None and (held.steps <= 10 or self.record.affords()):
            timed(self.record, self._read, held)

    def _read(self, held: Held) -> None:
        norms = np.asarray(held.norms)[: len(held.order)]
        total = float(np.sqrt(np.square(norms.astype(np.float64)).sum()))
        self.got_gradient.update(one for one, norm in zip(held.order, norms, strict=False) if norm != 0)
        self.nonfinite += not np.isfinite(total)
        if len(self.norms) < 500:
            self.norms.append([self.record.steps, total])
        if held.steps <= 3 or held.steps % 20 == 0:
            held.learning_rates.append(float(held.optimizer.learning_rate))

    def _watch_functions(self) -> None:
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
            stepped = [held for one, held in self.held.items() if f"step:{one}" in kinds]
            for held in stepped:
                self._stepped(held, max(1, made // len(stepped)))
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

    def _watch_iterators(self) -> None:
        original, record, passes = OwnedIterator.__next__, self.record, self.passes
        begin, advance, end = (harmless(record)(one) for one in (passes.begin, passes.advance, passes.end))

        def following(iterator: Any) -> Any:
            if self.inside or self.record.own_loop or record.depth:
                return original(iterator)
            current = iterator.__dict__.get("_watched_pass")
            if current is None:
                dataset = iterator._dataset or iterator
                current = iterator._watched_pass = begin(id(dataset), dataset)
            if current.steps != record.steps and record.beyond_bound():
                end(current, complete=False)
                raise StopIteration
            try:
                batch = original(iterator)
            except StopIteration:
                end(current, complete=True)
                raise
            advance(current, tf.nest.flatten(batch))
            return batch

        OwnedIterator.__next__ = following

    def remember(self, variable: Any) -> None:
        if key(variable) not in self.before:
            with tf.init_scope():
                self.before[key(variable)] = (variable, fingerprint(variable))

    def facts(self, root: Model | None) -> dict[str, Any]:
        changed = {
            one for one, (variable, before) in self.before.items() if not np.array_equal(fingerprint(variable), before)
        }
        if not self.record.steps and changed and self.record.backwards:
            self.record.steps = self.record.backwards
        holding = set().union(*(set(one.keys) for one in self.held.values())) if self.held else set()
        return {
            "steps": self.record.steps,
            "optimizers": [self._describe(one) for one in self.held.values()][:10],
            "parameters": self._ledger(root, holding, changed) if root else self._own(holding, changed),
            "changed": len(changed),
            "watched": len(self.before),
            "gradient_norms": self.norms,
            "nonfinite_gradients": self.nonfinite,
        }

    def _describe(self, held: Held) -> dict[str, Any]:
        described = describe_optimizer(held.optimizer)
        return {
            "name": type(held.optimizer).__name__,
            "where": held.where,
            "held": len(held.keys),
            "steps": held.steps,
            "learning_rates": [min(held.learning_rates), max(held.learning_rates)] if held.learning_rates else [],
            "family": described["family"],
            "options": described["options"],
        }

    def _ledger(self, root: Model, holding: set[int], changed: set[int]) -> list[dict[str, Any]]:
        trainable = {key(one) for one in root.module.trainable_weights}
        return [
            {
                "name": one.path,
                "values": int(np.prod(one.shape)),
                "shape": list(one.shape),
                "trainable": key(one) in trainable,
                "held": key(one) in holding,
                "gradient": key(one) in self.got_gradient or (key(one) not in holding and key(one) in self.connected),
                "changed": key(one) in changed,
            }
            for one in root.module.weights[:1000]
            if key(one) in trainable or key(one) in holding
        ]

    def _own(self, holding: set[int], changed: set[int]) -> list[dict[str, Any]]:
        """Variables that were differentiated or stepped in a program that called no model."""
        return [
            {
                "name": variable.name,
                "values": int(np.prod(variable.shape)),
                "shape": list(variable.shape),
                "trainable": bool(variable.trainable),
                "held": one in holding,
                "gradient": one in self.got_gradient or (one not in holding and one in self.connected),
                "changed": one in changed,
            }
            for one, (variable, _) in list(self.before.items())[:1000]
        ]


def is_variable(value: Any) -> bool:
    return isinstance(value, (tf.Variable, keras.Variable))


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


def first_or_only(target: Any) -> Any:
    return tf.nest.flatten(target)[0]


def fingerprint(variable: Any) -> np.ndarray:
    """Some of the values, and the sum of all of them."""
    values = np.asarray(to_numpy(getattr(variable, "_value", variable)), dtype=np.float64).reshape(-1)
    return np.nan_to_num(np.append(values[:: max(1, len(values) // SAMPLED_VALUES)], values.sum()))


def _norms(grads: list[Any]) -> Any:
    return tf.stack([tf.norm(tf.cast(grad, tf.float32)) for grad in grads])
