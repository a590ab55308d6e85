"""Networks that are meant to be apart and are one, and weights that are meant to be one and are apart.

Runs inside the jail. Names are looked up in the frames and objects of the program while it takes its first steps.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import to_numpy
from observe.keras.listen import listen
from observe.keras.train import is_variable, key
from observe.record import is_users, user_frame

TARGETS = {"target", "ema", "momentum", "teacher", "shadow", "average", "averaged", "avg", "polyak", "slow"}
STEPS = (1, 2, 3, 8)
"""Steps after which the program's names are looked up."""
LARGEST = 20_000_000


class Twins:
    """Two names of one network, of which one speaks of a copy, and copies of weights that nothing ties together."""

    name = "keras-twins"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.training = watch.record, watch.calls, watch.training
        self.references: list[dict[str, Any]] = []
        self.assigned: set[int] = set()
        """Trained variables that the program itself gave values."""
        self.given: list[Any] = []
        """What `get_weights` returned lately: the model's weights, the step, and one of the arrays."""
        self.itself: dict[Any, int] = {}
        self.copies: list[tuple[Any, Any]] | None = None
        self.asked: dict[int, int] = {}
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        self.record.on("stepping", self._stepping)
        self.record.on("stepped", self._stepped)
        listen(self.record, keras.Variable, "assign", before=self._assigning)
        listen(self.record, keras.layers.Layer, "get_weights", after=self._given)
        listen(self.record, keras.layers.Layer, "set_weights", before=self._setting)

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        self.asked[id(model.module)] = self.asked.get(id(model.module), 0) + 1

    def _differentiated(self, target: Any, sources: Any, gradients: Any) -> None:
        """Weights of a model that was called more than once for one gradient may be those of its target, too."""
        for one in self.calls.models.values():
            if self.asked.get(id(one.module), 0) > 1:
                self.assigned.update(key(weight) for weight in one.module.weights)
        self.asked = {}

    def _assigning(self, variable: Any, value: Any) -> None:
        if not self.record.depth and not self.training.applying and key(variable) in self.training.before:
            self.assigned.add(key(variable))

    def _given(self, result: Any, layer: Any) -> None:
        if not self.record.depth and result:
            self.given = [*self.given[-3:], (_weights(layer), self.record.steps, result[0])]

    def _setting(self, layer: Any, weights: Any) -> None:
        """A model is given the weights that it has at this very moment."""
        if self.record.depth or not self.record.steps or not len(weights):
            return
        own = _weights(layer)
        self.assigned.update(own & set(self.training.before))
        if any(mine == own and step == self.record.steps and one is weights[0] for mine, step, one in self.given):
            self.itself[user_frame()] = self.itself.get(user_frame(), 0) + 1

    def _stepping(self, optimizer: Any, gradients: list[Any], variables: list[Any]) -> None:
        if self.copies is None:
            with tf.init_scope():
                self.copies = list(_equal_pairs(variables))

    def _stepped(self, optimizer: Any) -> None:
        if self.record.steps in STEPS or (not self.references and self.record.steps % 50 == 0):
            self.references += [one for one in _references() if one not in self.references][:5]

    def facts(self, root: Any) -> dict[str, Any]:
        references = [
            {"names": one["names"], "where": one["where"]} for one in self.references if one["weights"] & self.assigned
        ]
        itself = [{"where": where, "count": count} for where, count in self.itself.items()]
        copied = [
            {"names": [one.path, other.path], "apart": not _are_equal(one, other)}
            for one, other in self.copies or []
            if root is not None and _is_meant(root.module, one, other)
        ]
        return {"references": references[:5], "itself": itself[:5], "copied": copied[:5]}


def _weights(value: Any) -> frozenset[int]:
    """The weights of a model, or of a list of variables."""
    if isinstance(value, keras.layers.Layer):
        return frozenset(key(one) for one in value.weights)
    if isinstance(value, (list, tuple)) and value and all(is_variable(one) for one in value[:500]):
        return frozenset(key(one) for one in value)
    return frozenset()


def _references() -> Iterator[dict[str, Any]]:
    frame, seen = sys._getframe(1), set()
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            owners = [dict(frame.f_locals), dict(frame.f_globals)]
            owners += [vars(one) for one in list(owners[0].values())[:200] if _is_own(one) and id(one) not in seen]
            seen |= {id(one) for one in owners[0].values()}
            for names in owners:
                yield from _pairs(names)
        frame = frame.f_back


def _is_own(value: Any) -> bool:
    """An object of a class of the program."""
    return (
        type(value).__module__ in sys.modules
        and is_users(getattr(sys.modules[type(value).__module__], "__file__", None) or "/")
        and hasattr(value, "__dict__")
    )


def _pairs(names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    known: dict[frozenset[int], list[str]] = {}
    for name, value in list(names.items())[:500]:
        weights = _weights(value) if not name.startswith("__") else frozenset()
        if weights:
            known.setdefault(weights, []).append(name)
    for weights, same in known.items():
        copies = [name for name in same if _words(name) & TARGETS]
        others = [name for name in same if name not in copies and not name.startswith("_")]
        if copies and others:
            yield {"names": [others[0], copies[0]], "weights": weights, "where": user_frame()}


def _words(name: str) -> set[str]:
    return set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().strip("_").split("_"))


def _equal_pairs(variables: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Weights that begin with the same random values, one of them perhaps turned round."""
    known: dict[Any, Any] = {}
    for one in variables:
        if len(one.shape) != 2 or not 16 <= int(np.prod(one.shape)) <= LARGEST:
            continue
        values = _values(one).astype(np.float64)
        if np.ptp(values) > 0:
            mark = (*sorted(values.shape), round(float(values.sum()), 3), round(float(np.abs(values).sum()), 3))
            other = known.setdefault(mark, one)
            if other is not one and _are_equal(other, one):
                yield other, one


def _are_equal(one: Any, other: Any) -> bool:
    first, second = _values(one), _values(other)
    return any(first.shape == turned.shape and np.array_equal(first, turned) for turned in (second, second.T))


def _values(variable: Any) -> np.ndarray:
    return np.asarray(to_numpy(variable.value if isinstance(variable, keras.Variable) else variable))


def _is_meant(module: Any, one: Any, other: Any) -> bool:
    """Whether an embedding is one of the two, or one is the other turned round: equal seeds give neither."""
    tables = {key(layer.embeddings) for layer in module._flatten_layers() if isinstance(layer, keras.layers.Embedding)}
    turned = tuple(one.shape) == tuple(other.shape)[::-1] != tuple(other.shape)
    return turned or bool({key(one), key(other)} & tables)
