"""What reaches the losses of a Keras program: compiled, called by hand, or TensorFlow's own; eager or traced."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import keras
import tensorflow as tf

from observe.keras.calls import Calls, Model, first_tensor, to_numpy
from observe.keras.losses_codes import Codes
from observe.keras.losses_differences import watch_differences
from observe.keras.losses_figures import Call, figures_of, kind_of, place_of
from observe.keras.losses_graph import answer_maker, is_data, is_same, maker, same_origin, taped
from observe.keras.losses_shapes import watch_shapes
from observe.keras.losses_slots import DTYPES, MOST_SLOTS, Slot
from observe.keras.private import CompileLoss, Function, inner_ops
from observe.losses import Sites
from observe.passes import Passes, pair, timed
from observe.record import DETACHED, Record, harmless, user_frame

OPERATIONS = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
TENSORFLOW = (
    "sigmoid_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits",
)
FUNCTIONS = (
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
    "kl_divergence",
    *("mse", "mae", "mape", "msle", "MSE", "MAE", "MAPE", "MSLE", "logcosh", "kld", "KLD"),
    "kullback_leibler_divergence",
)
NAMESPACES = (keras.losses, tf.keras.losses)
"""Where a program finds them; the losses of Keras hold them by another way."""


class Losses:
    """The losses that were compiled or called, and what they were given."""

    def __init__(self, record: Record, calls: Calls, passes: Passes) -> None:
        self.record, self.calls, self.passes = record, calls, passes
        self.compiled: list[tuple[Any, Any, Any]] = []
        self.sites = Sites(record)
        self.place: Any = None
        """Where the losses that are being called were compiled."""
        self.codes = Codes()
        self.ids: Any = None
        self.decodes = False
        """Whether the model is given two sequences of tokens, of which a decoder reads the last."""
        self.class_weight: list[float] | None = None
        self.answered_by_model: list[dict[str, Any]] = []
        """Figures of eager calls, of which it is not known yet what made the output."""
        self.depth = self.in_xla = 0
        self.told: list[Callable[[Any], None]] = []
        """Told the targets of eager losses."""
        self.used: list[Slot] = []
        self._look = harmless(record)(self._looked_at)

    def install(self) -> None:
        self._watch_compile()
        self._watch_losses()
        self._watch_metrics()
        self._watch_functions()
        self._watch_fit()
        watch_shapes(self.record, self.calls)
        watch_differences(self)
        self.record.on("called", self._called)
        self.record.on("called", self.codes.called)
        self.record.on("differentiated", self.codes.differentiated)

    def _watch_compile(self) -> None:
        # Where it is defined: Keras takes another `compile` on keras.Model for a custom one, and does not reload it.
        owner = next(one for one in keras.Model.__mro__ if "compile" in vars(one))
        original, compute = owner.compile, CompileLoss.__call__

        def compile(model: Any, *args: Any, **kwargs: Any) -> None:
            original(model, *args, **kwargs)
            self.compiled.append((model, getattr(model, "loss", None), user_frame()))

        def computed(losses: Any, *args: Any, **kwargs: Any) -> Any:
            given = getattr(losses, "_user_loss", None)
            self.place = next((where for _, loss, where in reversed(self.compiled) if loss is given), None)
            try:
                return compute(losses, *args, **kwargs)
            finally:
                self.place = None

        owner.compile, CompileLoss.__call__ = compile, computed

    def _watch_losses(self) -> None:
        original, described = keras.losses.Loss.__call__, harmless(self.record)(Call.of_object)

        def call(loss: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            done = described(loss, y_true, y_pred, sample_weight)
            return self._around(done, lambda: original(loss, y_true, y_pred, sample_weight))

        keras.losses.Loss.__call__ = call
        for owner in (inner_ops, keras.ops):
            for name in OPERATIONS:
                setattr(owner, name, self._watched(getattr(owner, name), ("target", "output")))
        for owner in NAMESPACES:
            for name in (one for one in FUNCTIONS if hasattr(owner, one)):
                setattr(owner, name, self._watched(getattr(owner, name), ("y_true", "y_pred")))
        for name in TENSORFLOW:
            setattr(tf.nn, name, self._watched(getattr(tf.nn, name), ("labels", "logits")))

    def _watched(self, original: Callable[..., Any], names: tuple[str, str]) -> Callable[..., Any]:
        described = harmless(self.record)(Call.of_function)

        @wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            done = described(original.__name__, dict(zip(names, args, strict=False)) | kwargs, names)
            return self._around(done, lambda: original(*args, **kwargs))

        return call

    def _around(self, call: Any, work: Callable[[], Any]) -> Any:
        """Only the outermost of losses that are made of each other counts; one of the program's own hides none."""
        if call is None or self.depth or self.record.depth >= DETACHED:
            return work()
        inside = int(call.kind != "custom")
        self.depth += inside
        try:
            value = work()
        except Exception:
            self._look(call, None)
            raise
        finally:
            self.depth -= inside
        self._look(call, value)
        return value

    def _looked_at(self, call: Call, value: Any) -> None:
        if not (tf.is_tensor(call.target) or hasattr(call.target, "shape")) or not hasattr(call.output, "shape"):
            return
        where = place_of(call.loss) or self.place or user_frame()
        known = self.place is not None or any(call.loss is one for _, one, _ in self.compiled)
        if call.loss is not None and not known and len(self.compiled) < 50:
            self.compiled.append((None, call.loss, where))
        trained = taped()
        site = self.sites.at(call.name, call.kind, where, trained=trained)
        if site is None or isinstance(call.output, keras.KerasTensor) or self.in_xla:
            return
        constants = {**call.options, "carries": None if trained else "off", "weight": self.class_weight}
        constants["decodes"] = self.decodes
        if tf.executing_eagerly():
            self._answered(call.target, call.output)
            for hook in self.told:
                hook(call.target)
            if site.called():
                timed(self.record, self._sample_eager, site, call, value, constants)
        elif len(self.used) < MOST_SLOTS and (value is not None or call.name == "difference"):
            self._extend(site, call, value, constants)

    def judge_difference(self, call: Call) -> None:
        """A difference is a loss without a value of its own."""
        self._look(call, None)

    def _sample_eager(self, site: Any, call: Call, value: Any, constants: dict[str, Any]) -> None:
        answer = self.calls.answer() if self.calls.answer is not None else None
        output, target = to_numpy(call.output), to_numpy(call.target)
        constants["divergences"] = self.codes.now()
        told = constants | {"value": float(tf.reduce_mean(value)) if value is not None else None}
        told["swapped"] = answer is not None and is_same(call.target, target, answer) and not (output % 1).any()
        ids = to_numpy(self.ids) if self.ids is not None else None
        weights = to_numpy(call.weights) if call.weights is not None else None
        site.add({"step": self.record.steps, **figures_of(site.kind, output, target, ids, None, weights, call), **told})
        if answer is not None and call.output is answer:
            self.answered_by_model.append(site.entry["sampled"][-1])

    def _extend(self, site: Any, call: Call, value: Any, constants: dict[str, Any]) -> None:
        """Have the traced function write down what this loss is given."""
        slot = Slot()
        answer = self.calls.answer() if self.calls.answer is not None else None
        constants["made_by"] = maker(call.output)
        constants["swapped"] = answer is not None and same_origin(call.target, answer) and is_data(call.output)
        moved = answer is not None and answer is not call.output and len(answer.shape) > 2
        ids = self.ids if getattr(self.ids, "graph", None) is tf.compat.v1.get_default_graph() else None
        target = tf.convert_to_tensor(call.target)
        weights = tf.convert_to_tensor(call.weights) if call.weights is not None else None
        slot.write(
            0.0 if value is None else value,
            output=call.output,
            target=target,
            ids=ids,
            answer=answer if moved else None,
            weights=weights,
            divergences=self.codes.traced(),
        )
        slot.site, slot.constants, slot.call = site, constants, call.described()
        self.used.append(slot)

    def _watch_functions(self) -> None:
        original, read = Function.__call__, harmless(self.record)(self._read)

        def call(function: Any, *args: Any, **kwargs: Any) -> Any:
            compiled, step = bool(getattr(function, "_jit_compile", False)), self.record.steps
            self.in_xla += compiled
            try:
                return original(function, *args, **kwargs)
            finally:
                self.in_xla -= compiled
                if self.used and tf.executing_eagerly():
                    read(step)

        Function.__call__ = call

    def _read(self, step: int) -> None:
        for slot in self.used:
            times = slot.called()
            if times and slot.site.called(times):
                timed(self.record, self._sample_traced, slot, step)

    def _sample_traced(self, slot: Slot, step: int) -> None:
        *arrays, nats = (slot.read(name) for name in DTYPES)
        found = figures_of(slot.site.kind, *arrays, slot.call)
        found["divergences"] = nats.tolist() if nats is not None else []
        slot.site.add({"step": step, "value": float(slot.value), **found, **slot.constants})

    def _watch_fit(self) -> None:
        original, note = keras.Model.fit, harmless(self.record)(self._weights)

        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            note(kwargs.get("class_weight"))
            return original(model, *args, **kwargs)

        keras.Model.fit = fit

    def _weights(self, given: Any) -> None:
        known = isinstance(given, dict) and sorted(given) == list(range(len(given)))
        self.class_weight = [float(given[label]) for label in sorted(given)] if known else None

    def _watch_metrics(self) -> None:
        cls = keras.metrics.MeanMetricWrapper
        original, seen = cls.update_state, harmless(self.record)(self._answered)

        def update_state(metric: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
            seen(y_true, y_pred)
            return original(metric, y_true, y_pred, *args, **kwargs)

        cls.update_state = update_state

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        given = tf.nest.flatten((args, {name: one for name, one in kwargs.items() if name != "training"}))
        tokens = [one for one in given if _are_tokens(one)]
        self.ids, self.decodes = next(reversed(tokens), None), len(tokens) > 1

    def _answered(self, y_true: Any, y_pred: Any) -> None:
        """A model call without a dataset learns its targets from the loss or metric computed on its output."""
        direct = self.passes.direct
        if direct is None or direct.task is not None or not tf.executing_eagerly() or self.record.depth:
            return
        output = to_numpy(y_pred)
        paired = pair(output, [to_numpy(y_true)])
        if direct.calls == 1 and paired is not None and len(output) == direct.samples:
            direct.task, direct.predicted, direct.target = paired[0], [paired[1]], [paired[2]]

    def judge(self, root: Model | None) -> None:
        """Complete what eager calls could not tell, and ask the trained model where no call could be looked at."""
        if root is None or root.batch is None:
            return
        if self.answered_by_model:
            made = answer_maker(root.module, root.batch)
            for figures in self.answered_by_model:
                figures["made_by"] = made
        if not any(site.entry["sampled"] for site in self.sites.known.values()):
            self._ask(root)

    def _ask(self, root: Model) -> None:
        """Losses that only ran where a trace cannot be extended are held against the model's answer."""
        output, made = to_numpy(first_tensor(root.module(root.batch, training=False))), None
        for model, loss, where in self.compiled:
            told = Call.of_compiled(loss)
            if told is None or (model is not None and model is not root.module):
                continue
            made = made or answer_maker(root.module, root.batch)
            site = self.sites.at(told.name, kind_of(told.name), where, trained=True)
            if site is not None and not site.entry["sampled"]:
                site.called()
                site.add({**figures_of(site.kind, output, None, None, None, told), **told.options, "made_by": made})


def _are_tokens(value: Any) -> bool:
    """A decoder's tokens come behind those that its encoder reads."""
    return hasattr(value, "shape") and len(value.shape) == 2 and tf.as_dtype(value.dtype).is_integer
