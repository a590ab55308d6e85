"""Gradients and optimiser steps of a TensorFlow program, in eager code and inside traced functions.

Runs inside the jail.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import Calls, Model, key, to_numpy
from observe.keras.choices import describe_optimizer
from observe.keras.iterators import watch_iterators
from observe.keras.private import BaseOptimizer, LossScaleOptimizer
from observe.keras.traced import WATCHED_TENSORS, Traced
from observe.passes import Passes, timed
from observe.record import DETACHED, Record, TrainingEnded, harmless, user_frame

SAMPLED_VALUES = 4096


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
        self.applying = False
        self.unscaled: Any = None
        self.traced = Traced(self)

    def install(self) -> None:
        self._watch_tape()
        self._watch_apply()
        self.traced.install()
        watch_iterators(self)

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
            if not self.record.own_loop:  # fit tells of its samples itself, and validates between its steps
                self.passes.trained_on(self.calls.waiting)
            self.calls.waiting = []
            return
        self._mode(self.calls.trained({key(one) for one in variables}))
        self.traced.differentiated(value)

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
        held.norms = self.traced.stepping(optimizer, held.norms, _norms([grad for _, grad in given][:WATCHED_TENSORS]))
        return held

    def _after_apply(self, held: Held | None) -> bool:
        """Count an eager step; true where the loop must be ended here."""
        if held is None or not tf.executing_eagerly():
            return False
        self.stepped(held, 1)
        return not self.passes.active and self.record.beyond_bound()

    def stepped(self, held: Held, count: int) -> None:
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
            "apart": len((holding & changed & self.connected) - self._of_models()),
            "watched": len(self.before),
            "gradient_norms": self.norms,
            "nonfinite_gradients": self.nonfinite,
        }

    def _of_models(self) -> set[int]:
        return {key(one) for model in self.calls.models.values() for one in model.module.weights}

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
            self._row(one, one.path, holding, changed) | {"trainable": key(one) in trainable}
            for one in root.module.weights[:1000]
            if key(one) in trainable or key(one) in holding
        ]

    def _own(self, holding: set[int], changed: set[int]) -> list[dict[str, Any]]:
        """Variables that were differentiated or stepped in a program that called no model."""
        known = [variable for variable, _ in list(self.before.values())[:1000]]
        return [self._row(one, one.name, holding, changed) | {"trainable": bool(one.trainable)} for one in known]

    def _row(self, variable: Any, name: str, holding: set[int], changed: set[int]) -> dict[str, Any]:
        one = key(variable)
        return {
            "name": name,
            "values": int(np.prod(variable.shape)),
            "shape": list(variable.shape),
            "held": one in holding,
            "gradient": one in self.got_gradient or (one not in holding and one in self.connected),
            "changed": one in changed,
        }


def is_variable(value: Any) -> bool:
    return isinstance(value, (tf.Variable, keras.Variable))


def first_or_only(target: Any) -> Any:
    return tf.nest.flatten(target)[0]


def fingerprint(variable: Any) -> np.ndarray:
    """Some of the values, and the sum of all of them."""
    values = np.asarray(to_numpy(getattr(variable, "_value", variable)), dtype=np.float64).reshape(-1)
    return np.nan_to_num(np.append(values[:: max(1, len(values) // SAMPLED_VALUES)], values.sum()))


def _norms(grads: list[Any]) -> Any:
    return tf.stack([tf.norm(tf.cast(grad, tf.float32)) for grad in grads])
