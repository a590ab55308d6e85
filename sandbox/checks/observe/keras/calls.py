"""Outermost calls of Keras models, eager or traced: modes, the captured batch, and what evaluation passes answered."""

import inspect
import sys
import weakref
from functools import wraps
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.passes import Passes, row_hashes, timed
from observe.record import Record, class_place, harmless, is_users, user_frame

MODE_LAYERS = ("Dropout", "BatchNormalization", "GaussianNoise", "GaussianDropout", "AlphaDropout", "SpatialDropout")
LARGEST_BATCH = 256


class Model:
    """One model that was called from outside of any other model."""

    def __init__(self, module: keras.Model) -> None:
        self.module = module
        self.calls = self.trained_calls = 0
        self.batch: Any = None
        self.batch_rows = 0
        self.spec: list[tf.TensorSpec] = []
        self.structure: Any = None
        """Of the inputs of the latest traced call, whose tensors `spec` describes."""
        self.last_mode: Any = None
        self._holds: frozenset[int] = frozenset()

    def holds(self, variables: set[int]) -> bool:
        """Whether any of these variables, by `key`, is a weight of the model."""
        if not self._holds and self.module.built:
            self._holds = frozenset(key(one) for one in self.module.weights)
        return not self._holds.isdisjoint(variables)

    def capture(self, inputs: Any) -> None:
        """Keep the largest batch of at most 256 samples, or of as many as the model declares."""
        rows, declared = _rows(inputs), self.declared_rows
        if declared is not None and rows > declared:
            inputs, rows = tf.nest.map_structure(lambda one: one[:declared], inputs), declared
        if self.batch is None or self.batch_rows < rows <= LARGEST_BATCH:
            self.batch, self.batch_rows = inputs, rows

    @property
    def declared_rows(self) -> int | None:
        """The size of a batch where the model fixes it, as a stateful one does."""
        sizes = [one.shape[0] for one in getattr(self.module, "inputs", None) or []]
        return next((size for size in sizes if size is not None), None)

    def mode_layers(self) -> list[str]:
        layers = self.module._flatten_layers()
        names = {type(layer).__name__ for layer in layers if getattr(layer, "rate", 1.0) not in (0, None)}
        return sorted(name for name in names if name.startswith(MODE_LAYERS))


class Calls:
    """The ledger of model calls."""

    def __init__(self, record: Record, passes: Passes) -> None:
        self.record, self.passes = record, passes
        self.models: dict[int, Model] = {}
        self.last: Model | None = None
        self.recent: list[Model] = []
        """Models called since a gradient was taken, the latest one last."""
        self.answer: weakref.ref[Any] | None = None
        """The latest output of a model, for as long as the program keeps it."""
        self.modes = {"trained_in_train": 0, "trained_in_eval": 0}
        self.traced: set[str] = set()
        """Models called while a function was being traced, and in which mode; the training ledger empties it."""
        self.waiting: list[int] = []

    def install(self) -> None:
        original, record = keras.Model.__call__, self.record
        seen, enrol = harmless(record)(self._seen), harmless(record)(self.model)

        @wraps(original)  # as a function of Keras, which AutoGraph does not convert
        def watched(model: keras.Model, *args: Any, **kwargs: Any) -> Any:
            if record.depth or _symbolic((args, kwargs)):
                return original(model, *args, **kwargs)
            if model.built:
                enrol(model)
            record.depth += 1
            try:
                with record.during("forward"):
                    output = original(model, *args, **kwargs)
            finally:
                record.depth -= 1
            seen(model, args, kwargs, output)
            return output

        keras.Model.__call__ = watched

    def model(self, module: keras.Model) -> Model:
        known = self.models.get(id(module))
        if known is None:
            known = self.models[id(module)] = Model(module)
            self.record.send("model", **describe(module))
        return known

    def _seen(self, module: keras.Model, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        model = self.model(module)
        model.calls += 1
        self.record.tell("called", model, args, kwargs, output)
        self.last, model.last_mode = model, kwargs.get("training")
        self.recent = [*self.recent[-20:], model]
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        lead, answer = first_tensor(inputs), first_tensor(output)
        self.answer = weakref.ref(answer) if answer is not None else None
        if kwargs.get("training") is True and within("test_step") and model.mode_layers():
            self.record.note("test-step-in-train-mode")
        if not tf.executing_eagerly():
            mode = "train" if kwargs.get("training") is True else "other"
            self.traced |= {f"model:{id(module)}", f"{mode}:{id(module)}"}
            leaves = tf.nest.flatten(inputs)
            if _needs_more(module) or not all(hasattr(one, "shape") for one in leaves):
                leaves = []
            model.spec = _specs(leaves, model.spec)
            model.structure = tf.nest.map_structure(lambda _: 0, inputs)
            return
        if not _needs_more(module):
            model.capture(inputs)
        if lead is None or answer is None:
            return
        if self.passes.wants_training_hashes():
            self.waiting = timed(self.record, row_hashes, to_numpy(lead))
        self.answered(model, lead, answer, training=kwargs.get("training") is True)

    def answered(self, model: Model, lead: Any, answer: Any, *, training: bool) -> None:
        """One eager answer, which belongs to an evaluation unless a gradient follows."""
        current = self.passes.current()
        if current.steps != self.record.steps or current.backwards != self.record.backwards:
            return
        current.calls += 1
        current.where = current.where or user_frame()
        current.in_train_mode += bool(training and model.mode_layers())
        current.again += bool(training and current.ask(to_numpy(lead[:1])))
        targets = [to_numpy(one) for one in current.batch[1:] if hasattr(one, "shape")]
        if not training or current.key != "direct":
            timed(self.record, self.passes.call, current, to_numpy(lead), to_numpy(answer), targets)

    def trained(self, variables: set[int]) -> Model | None:
        """A gradient of these variables was taken: the model called last of those that hold any is trained."""
        holding = [one for one in reversed(self.recent) if one.holds(variables)]
        model = holding[0] if holding else self.last
        self.recent = []
        if model is not None:
            model.trained_calls += 1
        return model

    def root(self) -> Model | None:
        models = [one for one in self.models.values() if one.module.built]
        return max(models, key=lambda one: (one.trained_calls, one.module.count_params(), one.calls), default=None)

    def facts(self, root: Model | None) -> dict[str, Any]:
        return {
            "modes": self.modes,
            "forward_calls": sum(one.calls for one in self.models.values()) + self.record.steps,
            "mode_layers": root.mode_layers() if root else [],
            "models": [describe(one.module) for one in self.models.values()][:10],
        }


def within(name: str) -> bool:
    """Whether a function of this name in the program's own files, such as a `test_step`, is under way."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == name and is_users(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


def describe(module: keras.Model) -> dict[str, Any]:
    place = None if type(module).__module__.startswith("keras.") else class_place(type(module))
    place = place or user_frame()
    sizes = [
        (int(np.prod(one.shape)), one.trainable, keras.backend.standardize_dtype(one.dtype)) for one in module.weights
    ]
    return {
        "class_name": type(module).__name__,
        "file": place[0] if place else None,
        "line": place[1] if place else None,
        "parameters": sum(size for size, _, _ in sizes),
        "trainable": sum(int(np.prod(one.shape)) for one in module.trainable_weights),
        "bytes": sum(size * tf.as_dtype(dtype).size for size, _, dtype in sizes),
    }


def key(variable: Any) -> int:
    """The same for a Keras variable and for the TensorFlow variable in it."""
    return id(getattr(variable, "_value", variable))


def first_tensor(value: Any) -> Any:
    """The first tensor or array with an axis in a nested structure."""
    found = [one for one in tf.nest.flatten(value) if hasattr(one, "shape") and len(one.shape)]
    return found[0] if found else None


def _specs(leaves: list[Any], before: list[tf.TensorSpec]) -> list[tf.TensorSpec]:
    """What a traced model takes, of any number of rows, and of all sizes that its functions were traced for so far."""
    shapes = [tf.TensorShape(one.shape) for one in leaves]
    shapes = [tf.TensorShape([None, *one[1:]]) if one.rank else one for one in shapes]
    if len(before) == len(shapes):
        shapes = [one.most_specific_compatible_shape(spec.shape) for one, spec in zip(shapes, before, strict=True)]
    return [tf.TensorSpec(shape, one.dtype) for shape, one in zip(shapes, leaves, strict=True)]


def to_numpy(value: Any) -> np.ndarray:
    array = value.numpy() if hasattr(value, "numpy") else np.asarray(value)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _needs_more(module: keras.Model) -> bool:
    """Whether `call` requires more than its first argument, without which the model cannot be asked again."""
    known = inspect.signature(module.call).parameters.values()
    wanted = [one.name for one in known if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    return len([name for name in wanted if name not in ("self", "training", "mask")]) > 1


def _symbolic(value: Any) -> bool:
    return any(isinstance(one, keras.KerasTensor) for one in tf.nest.flatten(value))


def _rows(value: Any) -> int:
    lead = first_tensor(value)
    return int(lead.shape[0] or 0) if lead is not None else 0
